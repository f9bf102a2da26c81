//! An export that is deployed at once.

use std::fs;

use super::home::{Home, NAME};

#[test]
fn an_export_tells_the_deploy_command_where_the_files_are() {
    let home = Home::new(
        "deploy = [\"/bin/sh\", \"-c\", \"printf %s \\\"$CERTDECK_EXPORTED\\\" > seen; [ ! -e fails ]\"]",
    );
    let id = home.issued("");
    let export = format!("certdeck export {id} --as nginx --to ssl --deploy --overwrite");
    let said = home.fine(&export);
    assert!(said.contains("deployed."), "{said}");
    let seen = fs::read_to_string(home.path("seen")).unwrap();
    let paths: Vec<&str> = seen.lines().collect();
    assert_eq!(paths.len(), 3, "{seen}");
    assert!(paths[0].ends_with(&format!("/ssl/{NAME}.key")), "{seen}");
    assert!(
        paths.iter().all(|path| fs::metadata(path).is_ok()),
        "{seen}"
    );
    home.write("fails", "");
    let said = home.run(&format!("{export} --json"));
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    let shape: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(shape["deploy"]["deployed"], false, "{shape}");
    assert_eq!(shape["files"].as_array().unwrap().len(), 3);
    assert!(home.run("certdeck check").out.contains("not deployed"));
}

#[test]
fn without_a_deploy_command_nothing_is_written() {
    let home = Home::new("");
    let id = home.issued("");
    let said = home.run(&format!(
        "certdeck export {id} --as nginx --to ssl --deploy"
    ));
    assert_eq!(said.code, Some(3), "{}{}", said.out, said.err);
    assert!(said.err.contains("says not how to deploy"), "{}", said.err);
    assert!(!home.path("ssl").exists());
}

#[test]
fn a_certificate_that_a_person_writes_down_is_deployed_too() {
    let home = Home::new("");
    let issued = home.issued("");
    home.fine(&format!("certdeck show {issued} --pem > came.pem"));
    home.write(
        "accounts/panel.toml",
        "kind = \"by-hand\"\nlifecycle = \"netcup\"\ndeploy = [\"/bin/sh\", \"-c\", \"printf %s \\\"$CERTDECK_NAME\\\" > seen\"]\n\
         deploy-after-renewal = true\n",
    );
    let said = home.fine(&format!(
        "certdeck order --account panel --product 'DV' --name {NAME} --csr provider --json"
    ));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let id = said["id"].as_str().unwrap();
    assert!(!home.path("seen").exists());
    home.fine(&format!(
        "certdeck record --shows issued {id} --certificate came.pem"
    ));
    assert_eq!(fs::read_to_string(home.path("seen")).unwrap(), NAME);
}
