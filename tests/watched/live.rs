//! What happens while panels are open, and the real program for somebody who may not read all.

use std::fs;
use std::process::Command as Program;

use super::stage::{Scene, entries, sync, until};

#[tokio::test]
async fn two_panels_and_a_command_on_one_folder_make_no_doubles() {
    const FILES: i64 = 40;
    let scene = Scene::new();
    let engines = [scene.engine(), scene.engine()];
    let live = engines.clone().map(|engine| {
        tokio::spawn(async move {
            engine.live().await;
        })
    });
    for days_ago in 0..FILES {
        let name = format!("n{days_ago}.example");
        scene.put(&format!("{name}.pem"), &scene.issue(&name, days_ago).0);
    }
    let third = scene.engine();
    sync(&third).await;
    let all = usize::try_from(FILES).unwrap();
    assert_eq!(entries(&third).len(), all);
    for engine in &engines {
        until(engine, "both panels show all", |engine| {
            entries(engine).len() == all
        })
        .await;
    }
    // One more while all of them look.
    scene.put("late.pem", &scene.issue("late.example", 1).0);
    for engine in &engines {
        until(engine, "the late one", |engine| entries(engine).len() > all).await;
        assert_eq!(entries(engine).len(), all + 1);
    }
    live.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn while_the_panel_is_open_it_shows_what_happens_in_the_folder() {
    let scene = Scene::new();
    let engine = scene.engine();
    let live = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.live().await })
    };
    let (old, _) = scene.issue("www.example.com", 60);
    let path = scene.put("www.pem", &old);
    until(&engine, "a new file", |engine| entries(engine).len() == 1).await;
    let id = entries(&engine)[0].id.clone();

    // Replaced as careful programs do it.
    let (new, _) = scene.issue("www.example.com", 1);
    let temporary = scene.put_now("www.pem.new", &new[..100]);
    fs::write(&temporary, &new).unwrap();
    fs::rename(&temporary, &path).unwrap();
    until(&engine, "renewed", |engine| {
        let inventory = engine.inventory();
        inventory.get(&id).is_some_and(|entry| entry.archived)
    })
    .await;
    assert_eq!(entries(&engine).len(), 2);

    fs::remove_file(&path).unwrap();
    until(&engine, "deleted", |engine| {
        entries(engine)
            .iter()
            .any(|entry| !entry.archived && entry.trouble.is_some())
    })
    .await;
    scene.put("www.pem", &new);
    until(&engine, "brought back", |engine| {
        entries(engine)
            .iter()
            .any(|entry| !entry.archived && entry.trouble.is_none())
    })
    .await;
    live.abort();
}

/// As somebody who is not root, for whom permissions count.
#[test]
fn a_folder_without_permission_is_said_and_its_certificates_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let home = scene.folder.path();
    scene.put("open.pem", &scene.issue("open.example", 1).0);
    scene.put("closed/a.pem", &scene.issue("closed.example", 2).0);
    let accounts = home.join("config/certdeck/accounts");
    fs::create_dir_all(&accounts).unwrap();
    let account = format!("kind = \"files\"\npaths = [{:?}]\n", scene.root());
    fs::write(accounts.join("certs.toml"), account).unwrap();
    let program = home.join("certdeck");
    fs::copy(env!("CARGO_BIN_EXE_certdeck"), &program).unwrap();
    let is_root = fs::metadata("/proc/self")
        .is_ok_and(|facts| std::os::unix::fs::MetadataExt::uid(&facts) == 0);
    if is_root {
        let given = Program::new("chown")
            .args(["-R", "65534:65534"])
            .arg(home)
            .status();
        assert!(given.unwrap().success());
    }
    let run = |arguments: &[&str]| {
        let mut command = if is_root {
            let mut command = Program::new("setpriv");
            let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
            command.args(nobody).arg(&program);
            command
        } else {
            Program::new(&program)
        };
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .args(arguments);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code(), said)
    };
    let mode = |mode: u32| {
        let closed = scene.root().join("closed");
        fs::set_permissions(closed, fs::Permissions::from_mode(mode)).unwrap();
    };
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 new"), "{said}");

    mode(0);
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(6), "some could be read: {said}");
    assert!(
        said.contains("closed: listing failed: Permission denied"),
        "{said}"
    );
    assert!(said.contains("that you may read it"), "{said}");
    assert!(said.contains("1 lost"), "{said}");
    let (_, list) = run(&["list"]);
    assert!(list.contains("closed.example"), "{list}");

    mode(0o755);
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 found again"), "{said}");

    fs::rename(scene.root(), home.join("away")).unwrap();
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(1), "nothing could be read: {said}");
}
