// On your server; getenv('DAYPASS_TOKEN') is the permanent token, and it stays there.
$answer = file_get_contents(getenv('DAYPASS_URL') . '/api/GetTemporaryToken', false, stream_context_create(['http' => [
    'method' => 'POST',
    'header' => 'Authorization: Bearer ' . getenv('DAYPASS_TOKEN'),
]]));
echo json_decode($answer)->token; // give this one to the page
