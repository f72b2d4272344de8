<?php // PHP's streams: file_get_contents.
$ask = function (string $method, string $path): string {
    $header = 'Authorization: Bearer ' . getenv('SECRET');
    $context = stream_context_create(['http' => ['method' => $method, 'header' => $header, 'ignore_errors' => true]]);
    file_get_contents(getenv('DAYPASS') . $path, false, $context);
    return explode(' ', $http_response_header[0])[1];
};
echo $ask('GET', getenv('QUESTION')), ' ', $ask('POST', '/api/GetTemporaryToken');
