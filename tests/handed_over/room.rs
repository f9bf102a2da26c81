//! Exports where there is no room, and into folders of others.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::home::{Home, NAME};

#[test]
fn where_there_is_no_room_no_half_of_a_file_stays_and_it_says_what_to_do() {
    let home = Home::new("");
    let id = home.issued("--key rsa-4096");
    fs::create_dir(home.path("ssl")).unwrap();
    // The full chain is longer than a block, and what the store writes down is not.
    home.fine("certdeck sandbox pause --account shop");
    let journal = fs::metadata(home.path("store/journal.jsonl"))
        .unwrap()
        .len();
    let blocks = journal / 512 + 8;
    let long = home.path("long");
    fs::write(&long, "x").unwrap();
    let said = home.run(&format!(
        "trap '' XFSZ; ulimit -f 1; certdeck export {id} --as fullchain --to ssl"
    ));
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.contains("make room"), "{}", said.err);
    assert_eq!(fs::read_dir(home.path("ssl")).unwrap().count(), 0);
    // With one that was there: it stays as it was.
    let place = home.path(&format!("ssl/{NAME}.fullchain.pem"));
    fs::write(&place, "the old one").unwrap();
    let said = home.run(&format!(
        "trap '' XFSZ; ulimit -f 1; certdeck export {id} --as fullchain --to ssl --overwrite"
    ));
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert_eq!(fs::read_to_string(&place).unwrap(), "the old one");
    assert_eq!(fs::read_dir(home.path("ssl")).unwrap().count(), 1);
    let said = home.run(&format!(
        "trap '' XFSZ; ulimit -f {blocks}; certdeck export {id} --as fullchain --to ssl --overwrite"
    ));
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
}

#[test]
fn a_small_disk_that_is_full_takes_nothing_and_keeps_what_was_there() {
    let home = Home::new("");
    let id = home.issued("");
    fs::create_dir(home.path("small")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=16k none small && echo old > small/{NAME}.key && \
         {{ head -c 64k /dev/zero > small/fill; }} 2>/dev/null; \
         certdeck export {id} --as nginx --to small --overwrite; echo code $?; ls -A small; \
         cat small/{NAME}.key"
    );
    let said = home.run(&format!(
        "unshare -rm sh -c 'certdeck() {{ \"$CERTDECK\" \"$@\"; }}; {script}'"
    ));
    if !said.out.contains("code ") {
        println!(
            "not shown: no small file system may be mounted here: {}",
            said.err
        );
        return;
    }
    assert!(said.out.contains("code 1"), "{}{}", said.out, said.err);
    assert!(said.err.contains("make room"), "{}", said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    let key = format!("{NAME}.key");
    assert_eq!(&lines[1..], ["fill", &key, "old"], "{}", said.out);
}

#[test]
fn a_folder_of_others_and_a_link_to_a_folder_are_said_and_followed() {
    let home = Home::new("");
    let id = home.issued("");
    let shared = home.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    let said = home.fine(&format!("certdeck export {id} --as key --to shared/"));
    assert!(said.contains("can be written by others"), "{said}");
    let key = fs::metadata(shared.join(format!("{NAME}.key"))).unwrap();
    assert_eq!(key.mode() & 0o777, 0o600);
    fs::create_dir(home.path("own")).unwrap();
    symlink(home.path("own"), home.path("link")).unwrap();
    let said = home.fine(&format!("certdeck export {id} --as key --to link/"));
    assert!(!said.contains("Beware"), "{said}");
    assert!(home.path(&format!("own/{NAME}.key")).exists());
    // Who is root may write anywhere; the folder of somebody else is named then.
    let others = home.path("others");
    fs::create_dir(&others).unwrap();
    if home.run("chown 12345 others").code == Some(0) {
        let said = home.fine(&format!("certdeck export {id} --as leaf --to others/"));
        assert!(
            said.contains("belongs to somebody else (user 12345)"),
            "{said}"
        );
    }
    fs::set_permissions(&others, fs::Permissions::from_mode(0o500)).unwrap();
    let said = home.run(&format!("certdeck export {id} --as chain --to others/"));
    if said.code != Some(0) {
        assert!(
            said.err.contains("choose a folder that is yours"),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_slash_at_the_end_says_folder_below_the_home_folder_too() {
    let home = Home::new("");
    let id = home.issued("");
    home.fine(&format!(
        "certdeck export {id} --as leaf --to '~/certificates/'"
    ));
    let place = home.path(&format!("certificates/{NAME}.crt"));
    assert!(place.is_file(), "the panel offers that place");
    home.fine(&format!(
        "certdeck export {id} --as chain --to '~/other.pem'"
    ));
    assert!(home.path("other.pem").is_file());
    home.fine(&format!("certdeck export {id} --as key --to '~'"));
    assert!(home.path(&format!("{NAME}.key")).is_file());
}
