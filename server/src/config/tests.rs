//! Loading and printing as a whole.

use std::path::PathBuf;

use super::section::{Section as _, paths};
use super::*;

/// Loads from the text of a file (empty: no keys in it) and variables.
fn load(text: &str, env: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("daypass.toml");
    std::fs::write(&file, text).unwrap();
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&file), env)
}

fn config(text: &str, env: &[(&str, &str)]) -> Config {
    load(text, env).unwrap().config
}

fn refusal(text: &str, env: &[(&str, &str)]) -> String {
    load(text, env).unwrap_err().to_string()
}

fn origins(config: &Config) -> Vec<String> {
    config.own_origins().iter().map(ToString::to_string).collect()
}

#[test]
fn has_defaults() {
    let loaded = Config::load(None, []).unwrap();
    assert_eq!(loaded.file, None);
    assert!(loaded.warnings.is_empty());
    let config = loaded.config;
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, PathBuf::from("./data"));
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.proxy_headers, ProxyHeaders::Original);
    assert_eq!(
        (config.log.format, config.log.level.as_str()),
        (LogFormat::Text, "info")
    );
    assert!(config.resolve_database_url().unwrap().is_none());
    assert!(config.resolve_master_key().unwrap().is_none());
}

#[test]
fn environment_wins_over_the_file() {
    let text =
        "listen = '127.0.0.1:1'\ntrusted_proxies = ['10.0.0.0/8']\n[log]\nformat = 'text'\nlevel = 'warn'";
    let config = config(
        text,
        &[
            ("DAYPASS_LISTEN", " 127.0.0.1:2 "),
            ("DAYPASS_LOG__FORMAT", "json"),
            ("DAYPASS_TRUSTED_PROXIES", "192.0.2.1, 2001:db8::/32,"),
            ("DAYPASS_PROXY_HEADERS", "forwarded"),
            ("DAYPASS_DATA_DIR", ""),
        ],
    );
    assert_eq!(config.listen.port(), 2);
    assert_eq!(
        (config.log.format, config.log.level.as_str()),
        (LogFormat::Json, "warn")
    );
    let proxies: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["192.0.2.1/32", "2001:db8::/32"]);
    assert_eq!(config.proxy_headers, ProxyHeaders::Forwarded);
    assert_eq!(config.data_dir, PathBuf::from("./data"));
}

#[test]
fn an_empty_list_trusts_nobody() {
    assert!(config("trusted_proxies = []", &[]).trusted_proxies.is_empty());
    assert!(
        config("", &[("DAYPASS_TRUSTED_PROXIES", "")])
            .trusted_proxies
            .is_empty()
    );
}

#[test]
fn values_of_variables_are_taken_as_they_are() {
    let config = config("", &[("DAYPASS_MASTER_KEY", "007"), ("DAYPASS_DATA_DIR", "TRUE")]);
    assert_eq!(config.resolve_master_key().unwrap().unwrap().expose(), "007");
    assert_eq!(config.data_dir, PathBuf::from("TRUE"));
}

#[test]
fn the_file_may_be_named_by_a_variable_and_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    let env = || [("DAYPASS_CONFIG".to_owned(), file.display().to_string())];
    let error = Config::load(None, env()).unwrap_err();
    assert!(matches!(error, ConfigError::Read { .. }));
    assert!(error.to_string().contains("own.toml") && error.to_string().contains("--config"));

    std::fs::write(&file, "data_dir = '/a'").unwrap();
    let loaded = Config::load(None, env()).unwrap();
    assert_eq!(loaded.config.data_dir, PathBuf::from("/a"));
    assert_eq!(loaded.file, Some(file.clone()));

    let other = folder.path().join("other.toml");
    std::fs::write(&other, "data_dir = '/b'").unwrap();
    assert_eq!(
        Config::load(Some(&other), env()).unwrap().config.data_dir,
        PathBuf::from("/b")
    );
}

#[test]
fn unknown_keys_refuse_the_start() {
    let text = refusal(
        "Listen = '1'\nlog_format = 'json'\n[log]\ncolour = true\n[data]\ndir = 'x'",
        &[],
    );
    for part in [
        "daypass.toml has unknown keys: ",
        "`Listen` (did you mean listen?)",
        "`log_format` (did you mean log.format?)",
        "`log.colour`",
        "`data`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn sections_refuse_unknown_keys_by_themselves() {
    for json in [r#"{"colour": 1}"#, r#"{"log": {"colour": 1}}"#] {
        let error = serde_json::from_str::<Config>(json).unwrap_err();
        assert!(error.to_string().contains("unknown field `colour`"), "{error}");
    }
}

#[test]
fn unknown_variables_warn() {
    let loaded = load(
        "",
        &[
            ("DAYPASS_LOG_FORMAT", "json"),
            ("DAYPASS_PORT", "canary"),
            ("daypass_listen", "127.0.0.1:2"),
            ("PATH", "/bin"),
            ("DAYPASSÉ_X", "1"),
        ],
    )
    .unwrap();
    assert_eq!(
        loaded.warnings,
        [
            "the variable DAYPASS_LOG_FORMAT means nothing to Daypass (did you mean DAYPASS_LOG__FORMAT?); it is ignored",
            "the variable DAYPASS_PORT means nothing to Daypass; it is ignored",
            "the variable daypass_listen means nothing to Daypass (did you mean DAYPASS_LISTEN?); it is ignored",
        ]
    );
    assert_eq!(loaded.config.log.format, LogFormat::Text);
}

#[test]
fn a_refused_value_names_its_place_and_a_way_out() {
    for (file, env, parts) in [
        (
            "listen = '8080'",
            [].as_slice(),
            ["daypass.toml: `listen`", "listen = \"127.0.0.1:8080\""],
        ),
        (
            "listen = '127.0.0.1:1'",
            &[("DAYPASS_LISTEN", "8080")],
            ["DAYPASS_LISTEN: `listen`", "127.0.0.1:8080"],
        ),
        (
            "trusted_proxies = ['::1', 'x']",
            &[],
            ["`trusted_proxies[1]`", "[\"127.0.0.0/8\", \"::1/128\"]"],
        ),
        (
            "trusted_proxies = '::1'",
            &[],
            ["`trusted_proxies`", "[\"127.0.0.0/8\", \"::1/128\"]"],
        ),
        (
            "",
            &[("DAYPASS_TRUSTED_PROXIES", "x")],
            ["DAYPASS_TRUSTED_PROXIES: `trusted_proxies[0]`", "127.0.0.0/8"],
        ),
        (
            "proxy_headers = 'both'",
            &[],
            ["`proxy_headers`", "original, forwarded"],
        ),
        (
            "public_url = 'https://example.org/daypass'",
            &[],
            ["`public_url`", "https://daypass.example.org"],
        ),
        (
            "[log]\nformat = 'xml'",
            &[],
            ["daypass.toml: `log.format`", "text, json"],
        ),
        (
            "",
            &[("DAYPASS_LOG__LEVEL", "loud")],
            ["DAYPASS_LOG__LEVEL: `log.level`", "`loud`"],
        ),
        ("log = 'debug'", &[], ["`log`", "[log]"]),
        (
            "verify_listen = '127.0.0.1:8080'",
            &[],
            ["`verify_listen`", "same address"],
        ),
    ] {
        let text = refusal(file, env);
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn no_error_repeats_a_secret() {
    for (file, env) in [
        ("master_key = canary", [].as_slice()),
        ("master_key = 'canary", &[]),
        ("database_url = \"postgres://u:canary\\q@h\"", &[]),
        ("master_key = '''\ncanary\ncanary", &[]),
        ("master_key = 'a'\nmaster_key = 'canary'", &[]),
        ("master_key = ['canary']", &[]),
        ("master_key = { value = 'canary' }", &[]),
        ("database_url = 'postgres://u:canary@h@i/db'", &[]),
        ("database_url = ['canary']", &[]),
        ("", &[("DAYPASS_DATABASE_URL", "mysql://u:canary@h/db")]),
        (
            "",
            &[
                ("DAYPASS_MASTER_KEY", "canary"),
                ("DAYPASS_MASTER_KEY_FILE", "/x"),
            ],
        ),
        (
            "",
            &[
                ("DAYPASS_DATABASE_URL", "postgres://u:canary@h/db"),
                ("DAYPASS_DATABASE_URL_FILE", "/x"),
            ],
        ),
    ] {
        let error = load(file, env).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn a_syntax_error_names_the_line() {
    let text = refusal("listen = '127.0.0.1:1'\nmaster_key = canary\n", &[]);
    assert!(
        text.contains("daypass.toml is not TOML: TOML parse error at line 2, column 14: "),
        "{text}"
    );
}

#[test]
fn a_secret_has_one_form() {
    let text = refusal("master_key = 'a'", &[("DAYPASS_MASTER_KEY_FILE", "/b")]);
    assert!(
        text.contains("both `master_key` (") && text.contains("daypass.toml)"),
        "{text}"
    );
    assert!(
        text.contains("`master_key_file` (DAYPASS_MASTER_KEY_FILE)"),
        "{text}"
    );
    let text = refusal("database_url = 'postgres://h/d'\ndatabase_url_file = '/b'", &[]);
    assert!(
        text.contains("both `database_url` (") && text.contains("`database_url_file` ("),
        "{text}"
    );
}

#[test]
fn secrets_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let name = file.display().to_string();
    let env = [
        ("DAYPASS_MASTER_KEY_FILE", name.as_str()),
        ("DAYPASS_DATABASE_URL_FILE", name.as_str()),
    ];
    let config = config("", &env);
    let missing = config.resolve_master_key().unwrap_err().to_string();
    assert!(
        missing.contains(&name) && missing.contains("`master_key_file`"),
        "{missing}"
    );

    std::fs::write(&file, "\n").unwrap();
    assert!(matches!(
        config.resolve_master_key(),
        Err(ConfigError::SecretFileEmpty { .. })
    ));

    std::fs::write(&file, "postgres://u:canary@h/db\n").unwrap();
    assert_eq!(
        config.resolve_master_key().unwrap().unwrap().expose(),
        "postgres://u:canary@h/db"
    );
    assert_eq!(
        config.resolve_database_url().unwrap().unwrap().expose(),
        "postgres://u:canary@h/db"
    );

    std::fs::write(&file, "canary").unwrap();
    let wrong = config.resolve_database_url().unwrap_err().to_string();
    assert!(wrong.contains(&name) && !wrong.contains("canary"), "{wrong}");
}

#[test]
fn own_origins_follow_public_url_or_the_port() {
    let listening = |address: &str| config("", &[("DAYPASS_LISTEN", address)]);
    let plain = listening("127.0.0.1:8090");
    assert_eq!(
        origins(&plain),
        ["http://127.0.0.1:8090", "http://localhost:8090"]
    );
    assert_eq!(plain.issuer().as_str(), "http://127.0.0.1:8090");
    assert_eq!(
        origins(&listening("127.0.0.1:80")),
        ["http://127.0.0.1", "http://localhost"]
    );
    assert_eq!(origins(&listening("127.0.0.1:65535")).len(), 2);
    assert_eq!(origins(&listening("127.0.0.1:0")).len(), 2);

    let six = listening("[::1]:8090");
    assert_eq!(
        origins(&six),
        [
            "http://127.0.0.1:8090",
            "http://localhost:8090",
            "http://[::1]:8090"
        ]
    );
    assert_eq!(six.issuer().as_str(), "http://[::1]:8090");
    assert_eq!(listening("[::]:8090").issuer().as_str(), "http://127.0.0.1:8090");

    let public = config("public_url = 'https://Daypass.example.org/'", &[]);
    assert_eq!(origins(&public), ["https://daypass.example.org"]);
    assert_eq!(public.issuer().as_str(), "https://daypass.example.org");
}

#[test]
fn warns_of_what_will_not_work() {
    let warnings = |text: &str| load(text, &[]).unwrap().warnings.join("\n");
    let open = warnings("listen = '0.0.0.0:8080'");
    assert!(
        open.contains("set public_url") && open.contains("http://127.0.0.1:8080"),
        "{open}"
    );
    assert_eq!(
        warnings("listen = '0.0.0.0:8080'\npublic_url = 'https://example.org'"),
        ""
    );
    assert!(warnings("public_url = 'http://example.org'").contains("set up TLS"));
    assert_eq!(warnings("public_url = 'http://localhost:8080'"), "");
    assert!(warnings("trusted_proxies = ['0.0.0.0/0']").contains("name the proxies alone"));
}

#[test]
fn prints_every_key_with_its_description() {
    let text = Config::default().print();
    for (path, key) in paths(&Config::default()) {
        assert!(!key.doc.is_empty(), "{path}");
        let line = |start: &str| {
            text.lines()
                .filter(|line| line.starts_with(&format!("{start}{} = ", key.name)))
                .count()
        };
        assert_eq!(line("") + line("#"), 1, "{path}");
        assert!(text.contains(&format!("# {}", key.doc[0].trim())), "{path}");
    }
    // Serde knows the fields by itself: none may be missing in the list that is printed.
    let json = serde_json::from_str::<Config>(r#"{"?": 1}"#)
        .unwrap_err()
        .to_string();
    let fields = json.split('`').skip(3).step_by(2).count();
    assert_eq!(
        fields,
        Config::default().keys().len() + Config::default().parts().len(),
        "{json}"
    );
}

#[test]
fn what_is_printed_loads_again() {
    let default = Config::default().print();
    assert_eq!(config(&default, &[]).print(), default);
    // Each example is right, too.
    for (path, key) in paths(&Config::default()) {
        let section = path.strip_suffix(key.name).unwrap().trim_end_matches('.');
        let header = if section.is_empty() {
            String::new()
        } else {
            format!("[{section}]\n")
        };
        config(&format!("{header}{} = {}", key.name, key.example), &[]);
    }
    let text = "verify_listen = '[::1]:9'\ndata_dir = 'a\"b\\c\td'\npublic_url = 'https://example.org'\n\
                master_key_file = '/k'\ndatabase_url = 'postgres://u@h/db'\ntrusted_proxies = []\n\
                proxy_headers = 'forwarded'\n[log]\nformat = 'json'\nlevel = 'warn,server=debug'";
    let printed = config(text, &[]).print();
    let again = config(&printed, &[]);
    assert_eq!(again.print(), printed);
    assert_eq!(again.data_dir, PathBuf::from("a\"b\\c\td"));
    assert!(
        printed.contains("# Default: \"info\"\nlevel = \"warn,server=debug\"\n"),
        "{printed}"
    );
}

#[test]
fn printing_masks_secrets_and_a_mask_is_no_secret() {
    let given = config(
        "master_key = 'canary'\ndatabase_url = 'postgres://u:canary@h/db'",
        &[],
    );
    let printed = given.print();
    assert!(!printed.contains("canary") && !format!("{given:?}").contains("canary"));
    assert!(printed.contains("\nmaster_key = \"***\"\n"), "{printed}");
    assert!(
        printed.contains("\ndatabase_url = \"postgres://u:***@h/db\"\n"),
        "{printed}"
    );
    assert!(matches!(
        load(&printed, &[]),
        Err(ConfigError::Masked {
            key: "database_url",
            ..
        })
    ));
    assert!(matches!(
        load("master_key = '***'", &[]),
        Err(ConfigError::Masked {
            key: "master_key",
            ..
        })
    ));
}
