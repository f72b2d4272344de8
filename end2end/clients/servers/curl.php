<?php // PHP's curl.
$ask = function (string $method, string $path): int {
    $asked = curl_init(getenv('DAYPASS') . $path);
    curl_setopt_array($asked, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . getenv('SECRET')],
        CURLOPT_RETURNTRANSFER => true,
    ]);
    curl_exec($asked);
    return curl_getinfo($asked, CURLINFO_RESPONSE_CODE);
};
echo $ask('GET', getenv('QUESTION')), ' ', $ask('POST', '/api/GetTemporaryToken');
