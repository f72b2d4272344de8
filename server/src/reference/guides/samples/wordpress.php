<?php
/**
 * Plugin Name: Day passes
 * Description: Shows protected pictures with day passes. The permanent token stays on this server.
 *
 * wp-config.php:  define('DAYPASS_URL', 'https://daypass.example.org');
 *                 define('DAYPASS_TOKEN', getenv('DAYPASS_TOKEN'));
 *                 define('DAYPASS_MEDIA', 'https://media.example.org');
 */
defined('ABSPATH') || exit;

// [day_pass src="/press/rocket.webp" alt="A rocket at dusk"]
add_shortcode('day_pass', function ($given) {
    $given = shortcode_atts(['src' => '', 'alt' => ''], $given);
    wp_enqueue_script_module('day-pass', plugins_url('day-pass.js', __FILE__));
    return sprintf(
        '<img data-day-pass="%s" data-from="%s" alt="%s">',
        esc_url(DAYPASS_MEDIA . $given['src']),
        esc_url(rest_url('day-pass/v1/pass')),
        esc_attr($given['alt'])
    );
});

// POST /wp-json/day-pass/v1/pass: a day pass for whoever may see the pictures. To keep it for members, answer
// is_user_logged_in() in permission_callback, and send the X-WP-Nonce header from the page.
add_action('rest_api_init', function () {
    register_rest_route('day-pass/v1', '/pass', [
        'methods' => 'POST',
        'permission_callback' => '__return_true',
        'callback' => function () {
            // The site as browsers name it: scheme, host and port, without the folder that WordPress may live in.
            $home = wp_parse_url(home_url());
            $origin = $home['scheme'] . '://' . $home['host'] . (isset($home['port']) ? ':' . $home['port'] : '');
            $answer = wp_remote_post(DAYPASS_URL . '/api/GetTemporaryToken', [
                'timeout' => 5,
                'redirection' => 0,
                'headers' => [
                    'Authorization' => 'Bearer ' . DAYPASS_TOKEN,
                    'Content-Type' => 'application/json',
                ],
                'body' => wp_json_encode([
                    'lifetime' => 900,
                    'interfaces' => ['Press photos'],
                    'permissions' => ['read'],
                    'origins' => [$origin],
                ]),
            ]);
            $status = wp_remote_retrieve_response_code($answer);
            $pass = json_decode(wp_remote_retrieve_body($answer), true);
            if ($status !== 200) {
                // The code says what to do (/api/errors); it holds nothing secret.
                error_log('day pass: ' . ($pass['code'] ?? 'no answer'));
                return new WP_REST_Response(['detail' => 'There is no day pass at the moment.'], 502);
            }
            $response = new WP_REST_Response(['token' => $pass['token'], 'expires_in' => $pass['expires_in']]);
            $response->header('Cache-Control', 'no-store');
            return $response;
        },
    ]);
});
