use std::os::unix::fs::PermissionsExt;

use interaction_core::secret::Secret;

use super::Bench;
use crate::config::{Settings, StoreKind};
use crate::store::place::{Place, check_url};

#[test]
fn an_address_that_cannot_be_used_is_refused_with_the_remedy() {
    for (address, want) in [
        ("", "postgresql://"),
        ("db.example.com", "postgresql://"),
        ("mysql://db/x", "mysql"),
        ("postgresql:///x", "host"),
        ("postgres://me:hush@db/x", "store.password-file"),
        ("postgres://me@db/x?password=hush", "store.password-file"),
    ] {
        let error = check_url(address).unwrap_err();
        assert!(error.contains(want), "{address}: {error}");
        assert!(!error.contains("hush"), "{error}");
    }
    for address in
        ["postgres://me@db/x", "postgresql://db:5433/x?sslmode=disable", "postgresql:///x?host=/run/postgresql"]
    {
        assert!(check_url(address).is_ok(), "{address}");
    }
}

#[test]
fn a_password_is_shown_nowhere() {
    let place = Place::postgresql("postgres://me@db.example.com/x", Some(&Secret::new("hu/sh%".into()))).unwrap();
    assert!(format!("{:?}", place.options()).contains("hu%2Fsh%"), "the driver has it");
    for shown in [format!("{place}"), format!("{place:?}")] {
        assert!(!shown.contains("sh%") && shown.contains("db.example.com"), "{shown}");
    }
}

#[test]
fn what_leaves_this_machine_is_encrypted_unless_the_address_says_otherwise() {
    for (address, checked) in [
        ("postgres://me@db.example.com/x", true),
        ("postgres://me@192.0.2.7/x", true),
        ("postgres://me@x/x?host=192.0.2.7", true),
        ("postgres://me@db.example.com/x?sslmode=require", false),
        ("postgres://me@localhost/x", false),
        ("postgres://me@127.0.0.1/x", false),
        ("postgres://me@[::1]/x", false),
        ("postgres:///x?host=/run/postgresql", false),
    ] {
        let place = Place::postgresql(address, None).unwrap();
        assert_eq!(place.options().database_url.as_str().contains("sslmode=verify-full"), checked, "{address}");
    }
}

#[test]
fn the_file_and_its_directory_are_the_servers_alone() {
    let bench = Bench::new();
    let mut settings = Settings::default();
    settings.server.data_dir = bench.directory.path().join("a/b").to_str().unwrap().into();
    assert!(Place::existing(&settings).unwrap_err().contains("--config"));
    assert!(Place::of(&settings).unwrap().is_some());
    assert!(Place::existing(&settings).unwrap().is_some());
    let mode = |path: &str| std::fs::metadata(bench.directory.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a/b"), mode("a/b/interaction-processor.db")), (0o700, 0o600));

    settings.server.data_dir = bench.directory.path().join("a/b/interaction-processor.db/c").to_str().unwrap().into();
    assert!(Place::of(&settings).unwrap_err().contains("server.data-dir"));
    settings.store.kind = StoreKind::Memory;
    assert!(Place::of(&settings).unwrap().is_none());
}
