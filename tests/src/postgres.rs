//! A PostgreSQL of a test's own, on loopback: Debian's, made and started here.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::fault::{Fault, Kind};
use crate::server::free_port;

/// The password of its one user; no server may ever show it.
pub const PASSWORD: &str = "pa/55w%rd-of-the-database";
/// The account it runs under where the tests run as root, whom it refuses.
const ACCOUNT: &str = "postgres";
const READY: Duration = Duration::from_secs(60);

/// A database server. It is gone when dropped.
pub struct Postgres {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
    child: Child,
}

impl Postgres {
    /// Makes a cluster with one user, `processor`, and starts it.
    pub async fn start() -> Result<Self, Fault> {
        let directory = TempDir::new()?;
        let programs = programs()?;
        let password = directory.path().join("password");
        std::fs::write(&password, PASSWORD)?;
        std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755))?;
        let data = directory.path().join("cluster");
        std::fs::create_dir(&data)?;
        if is_root()? {
            succeed(Command::new("chown").arg("-R").arg(ACCOUNT).args([&data, &password]))?;
        }
        let mut make = as_account(&programs.join("initdb"))?;
        make.args(["--username=processor", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        make.arg("--pwfile").arg(&password).arg("--pgdata").arg(&data);
        succeed(&mut make)?;
        let port = free_port()?;
        let child = run(&programs, &data, port)?;
        let mut postgres = Self { directory, programs, port, child };
        postgres.ready().await?;
        Ok(postgres)
    }

    /// The `[store]` of a configuration that uses it; the password stands in a file.
    pub fn store(&self) -> String {
        let file = self.directory.path().join("password");
        self.store_with(&format!("password-file = {file:?}"))
    }

    /// The same with another line instead of the password's.
    pub fn store_with(&self, line: &str) -> String {
        let port = self.port;
        format!(
            "\n[store]\nkind = \"postgresql\"\nurl = \"postgresql://processor@127.0.0.1:{port}/postgres\"\n{line}\n"
        )
    }

    /// The port it listens on.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The file with the password of its user.
    pub fn password_file(&self) -> PathBuf {
        self.directory.path().join("password")
    }

    /// Runs SQL.
    pub fn run(&self, sql: &str) -> Result<(), Fault> {
        let file = self.directory.path().join("script.sql");
        std::fs::write(&file, sql)?;
        let mut psql = Command::new(self.programs.join("psql"));
        psql.env("PGPASSWORD", PASSWORD).args([
            "--host=127.0.0.1",
            "--username=processor",
            "--dbname=postgres",
            "--quiet",
        ]);
        psql.args(["--set=ON_ERROR_STOP=1", "--port", &self.port.to_string(), "--file"]).arg(file);
        succeed(&mut psql)
    }

    /// Stops it at once, as a crash does.
    pub fn stop(&mut self) -> Result<(), Fault> {
        self.signal("-QUIT")?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again where it was.
    pub async fn start_again(&mut self) -> Result<(), Fault> {
        self.child = run(&self.programs, &self.directory.path().join("cluster"), self.port)?;
        self.ready().await
    }

    fn signal(&self, signal: &str) -> Result<(), Fault> {
        succeed(Command::new("kill").args([signal, &self.child.id().to_string()]))
    }

    async fn ready(&mut self) -> Result<(), Fault> {
        let until = Instant::now() + READY;
        let port = self.port.to_string();
        loop {
            let mut ask = Command::new(self.programs.join("pg_isready"));
            ask.args(["--host=127.0.0.1", "--port", &port, "--quiet"]);
            if ask.status()?.success() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(Fault::new(Kind::Unexpected, format!("PostgreSQL ended: {status}\n{}", self.log())));
            }
            if Instant::now() > until {
                return Err(Fault::new(Kind::Unanswered, format!("PostgreSQL is not ready\n{}", self.log())));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("cluster/log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _already_gone = self.signal("-QUIT");
        let _status = self.child.wait();
    }
}

fn run(programs: &Path, data: &Path, port: u16) -> Result<Child, Fault> {
    let mut server = as_account(&programs.join("postgres"))?;
    server.arg("-D").arg(data).args(["-p", &port.to_string()]);
    let sockets = format!("unix_socket_directories={}", data.display());
    for setting in ["listen_addresses=127.0.0.1", &sockets, "fsync=off", "shared_buffers=16MB", "max_connections=30"] {
        server.args(["-c", setting]);
    }
    let log = std::fs::File::create(data.join("log"))?;
    server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(server.spawn()?)
}

/// Where Debian keeps the programs of the newest version there is, or wherever `PATH` says.
fn programs() -> Result<PathBuf, Fault> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    places.sort();
    places.reverse();
    places.extend(std::env::split_paths(&path));
    places.into_iter().find(|place| place.join("initdb").is_file()).ok_or_else(|| {
        Fault::new(Kind::Unexpected, "there is no PostgreSQL: install it (on Debian: `apt-get install postgresql`)")
    })
}

/// A command under an account that may run a database.
fn as_account(program: &Path) -> Result<Command, Fault> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups", "--"]).arg(program).current_dir("/");
    Ok(command)
}

fn is_root() -> Result<bool, Fault> {
    let id = Command::new("id").arg("-u").output()?;
    Ok(id.stdout.trim_ascii() == b"0")
}

fn succeed(command: &mut Command) -> Result<(), Fault> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Fault::new(Kind::Unexpected, format!("{:?} failed: {said}", command.get_program())))
}
