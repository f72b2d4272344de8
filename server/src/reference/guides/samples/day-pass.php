<?php
// The only file with a server behind it: POST /day-pass.php answers a day pass.
header('Content-Type: application/json');
header('Cache-Control: no-store');

$from = $_SERVER['HTTP_SEC_FETCH_SITE'] ?? 'same-origin';
if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $from !== 'same-origin') {
    http_response_code(403);
    exit(json_encode(['detail' => 'Only pages of this site get a day pass here.']));
}

$answer = file_get_contents(getenv('DAYPASS_URL') . '/api/GetTemporaryToken', false, stream_context_create(['http' => [
    'method' => 'POST',
    'header' => ['Authorization: Bearer ' . getenv('DAYPASS_TOKEN'), 'Content-Type: application/json'],
    'content' => json_encode([
        'lifetime' => 900,
        'interfaces' => ['Press photos'],
        'permissions' => ['read'],
        'origins' => ['https://www.example.org'],
    ]),
    'timeout' => 5,
    'ignore_errors' => true,
]]));
$pass = json_decode($answer ?: '', true);
if (!isset($pass['token'])) {
    error_log('day pass: ' . ($pass['code'] ?? 'no answer'));
    http_response_code(502);
    exit(json_encode(['detail' => 'There is no day pass at the moment.']));
}
echo json_encode(['token' => $pass['token'], 'expires_in' => $pass['expires_in']]);
