//! The real program without a terminal and without a store: help, configuration, refusals.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program in a home folder of its own, with no variable that could change its mind.
fn certdeck(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certdeck"));
    command
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_DATA_HOME", home.path().join("data"))
        .stdin(Stdio::null());
    command
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn run(home: &TempDir, arguments: &[&str]) -> Output {
    certdeck(home).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn help_says_the_commands_variables_and_exit_codes_without_colour() {
    let output = run(&home(), &["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = out(&output);
    for word in [
        "demo",
        "list",
        "reveal-key",
        "CERTDECK_STORE",
        "NO_COLOR",
        "Exit codes",
    ] {
        assert!(help.contains(word), "{word} is missing in\n{help}");
    }
    assert!(!help.contains('\u{1b}'), "colour in a pipe");
}

#[test]
fn a_mistyped_command_is_guessed_and_exits_2() {
    let output = run(&home(), &["lst"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("'list'"), "{}", err(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn without_a_terminal_the_panel_and_the_demo_are_refused_and_list_is_named() {
    for arguments in [&[][..], &["demo"]] {
        let home = home();
        let output = run(&home, arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("`certdeck list`"), "{}", err(&output));
        assert!(output.stdout.is_empty());
        assert_eq!(
            fs::read_dir(home.path()).unwrap().count(),
            0,
            "something was written"
        );
    }
}

#[test]
fn path_says_where_everything_lies_and_init_writes_only_what_is_not_there() {
    let home = home();
    let output = run(&home, &["config", "path", "--json"]);
    let paths: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(paths["config_exists"], false);
    let config = paths["config"].as_str().unwrap().to_owned();
    assert!(Path::new(&config).starts_with(home.path()), "{config}");
    assert!(Path::new(paths["store"].as_str().unwrap()).starts_with(home.path()));

    let output = run(&home, &["config", "init"]);
    assert_eq!(
        (output.status.code(), out(&output).trim()),
        (Some(0), config.as_str())
    );
    let written = fs::read_to_string(&config).unwrap();
    assert!(written.contains("#theme = \"auto\""));
    assert_eq!(run(&home, &["config", "check"]).status.code(), Some(0));

    fs::write(&config, "theme = \"light\"\n").unwrap();
    let again = run(&home, &["config", "init"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("is there already"), "{}", err(&again));
    assert_eq!(fs::read_to_string(&config).unwrap(), "theme = \"light\"\n");
}

#[test]
fn what_init_writes_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let config = home.path().join("deep/down/config.toml");
    let output = run(
        &home,
        &["config", "init", "--config", config.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&config), 0o600);
    assert_eq!(mode(config.parent().unwrap()), 0o700);
}

#[test]
fn a_wrong_configuration_names_file_line_key_and_what_is_expected() {
    let home = home();
    let config = home.path().join("c/config.toml");
    write(&config, "# mine\n\nthme = \"dark\"\nascii = \"no\"\n");
    for command in [&["config", "check"][..], &["list"]] {
        let output = certdeck(&home)
            .args(command)
            .env("CERTDECK_CONFIG", &config)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = err(&output);
        let file = config.display();
        assert!(said.contains(&format!("{file}:3: thme: ")), "{said}");
        assert!(said.contains("Did you mean \"theme\"?"), "{said}");
        assert!(
            said.contains(&format!(
                "{file}:4: ascii: expected true or false, found the text \"no\""
            )),
            "{said}"
        );
    }
    // Where it lies can still be asked.
    let path = run(
        &home,
        &["config", "path", "--config", config.to_str().unwrap()],
    );
    assert_eq!(path.status.code(), Some(0), "{}", err(&path));
}

#[test]
fn wrong_accounts_lifecycles_and_variables_are_told() {
    let home = home();
    let config = home.path().join("config.toml");
    write(&config, "");
    let check = |variable: &str| {
        let mut command = certdeck(&home);
        command.args(["config", "check", "--config"]).arg(&config);
        command.env("CERTDECK_THEME", variable).output().unwrap()
    };
    assert_eq!(check("").status.code(), Some(0));
    assert!(err(&check("pink")).contains("CERTDECK_THEME: expected one of auto, dark"));

    write(
        &home.path().join("lifecycles/mine.toml"),
        "id = \"mine\"\nwhat = 1\n",
    );
    let output = check("");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("lifecycles/mine.toml:"),
        "{}",
        err(&output)
    );

    write(
        &home.path().join("accounts/shop.toml"),
        "kind = \"cloud\"\n",
    );
    let output = check("");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output)
            .contains("accounts/shop.toml:1: kind: there is no kind \"cloud\"; expected one of"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = home();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = certdeck(&home)
        .args(["config", "path"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(err(&output), "");
}

#[test]
fn a_private_key_among_the_arguments_is_repeated_nowhere() {
    let home = home();
    let key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWNhbmFyeQ==\n-----END PRIVATE KEY-----";
    for arguments in [
        vec!["note", "shop", "--", key],
        vec!["record", "--shows", "issued", "shop", "--private-key", key],
        vec!["show", key],
        vec!["list", key],
    ] {
        let output = run(&home, &arguments);
        assert_eq!(output.status.code(), Some(2));
        let told = out(&output) + &err(&output);
        assert!(told.contains("private key among the arguments"), "{told}");
        assert!(!told.contains("c2VjcmV0"), "{told}");
    }
}

#[test]
fn arguments_from_strangers_are_quoted_harmlessly() {
    for arguments in [
        &["\u{1b}[2Jlist\u{7}"][..],
        &["list", "--sort", "\u{202e}\u{1b}[2J"],
        &["show", "\u{1b}[2J"],
    ] {
        let output = run(&home(), arguments);
        assert_eq!(output.status.code(), Some(2));
        let told = err(&output);
        assert!(told.contains("\\u{1b}[2J"), "{told:?}");
        let raw = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
        assert!(!told.contains(raw), "{told:?}");
    }
}

#[test]
fn reading_only_writes_no_configuration() {
    let home = home();
    let config = home.path().join("config/certdeck/config.toml");
    let output = run(&home, &["--read-only", "config", "init"]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("--read-only"), "{}", err(&output));
    assert!(!config.exists());
    assert_eq!(run(&home, &["config", "init"]).status.code(), Some(0));
    assert!(config.exists());
}
