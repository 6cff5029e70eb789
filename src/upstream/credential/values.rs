//! What a secret is now: files are read again when they change, commands are run again when their output is too old.
//!
//! Everything that is read is told to the redactor before it is used.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use rustc_hash::FxHashMap;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt as _;
use tokio::sync::Mutex as AsyncMutex;

use super::error::CredentialFault;
use crate::clock;
use crate::config::gateway::{Command, Secret, SecretPiece};
use crate::telemetry::Redactor;

/// A token, a key, a certificate: nothing that is larger.
const MAX_BYTES: u64 = 64 << 10;

/// The secrets of one credential as they are now. Cannot be printed.
pub(super) struct Values {
    redactor: Arc<Redactor>,
    files: Mutex<FxHashMap<PathBuf, FileValue>>,
    commands: Mutex<FxHashMap<Command, Arc<AsyncMutex<Option<Output>>>>>,
}

struct FileValue {
    version: Version,
    text: SecretString,
}

/// What changes when a file does.
type Version = (Option<SystemTime>, u64);

struct Output {
    text: SecretString,
    since: Instant,
}

impl Values {
    pub(super) fn new(redactor: Arc<Redactor>) -> Self {
        Self { redactor, files: Mutex::default(), commands: Mutex::default() }
    }

    /// What knows every secret that was read here.
    pub(super) fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// What the secret is now.
    ///
    /// # Errors
    /// [`CredentialFault::File`], [`CredentialFault::Command`].
    pub(super) async fn expose(&self, secret: &Secret) -> Result<SecretString, CredentialFault> {
        if let Some(fixed) = secret.fixed() {
            return Ok(fixed.clone());
        }
        let mut text = String::new();
        for piece in &secret.0 {
            let value = match piece {
                SecretPiece::Fixed(fixed) => fixed.clone(),
                SecretPiece::File(path) => self.file(path)?,
                SecretPiece::Command(command) => self.command(command).await?,
            };
            text.push_str(value.expose_secret());
        }
        Ok(text.into())
    }

    /// Forgets what commands have written, so that they are run again. Whether there was anything.
    pub(super) fn forget_commands(&self) -> bool {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let any = !commands.is_empty();
        commands.clear();
        any
    }

    /// Looking at a file's date costs a few microseconds, so it is done each time and nobody watches the folder.
    fn file(&self, path: &Path) -> Result<SecretString, CredentialFault> {
        let fault = |reason: &dyn std::fmt::Display| CredentialFault::File {
            path: path.display().to_string(),
            reason: reason.to_string(),
        };
        let version = version(path).map_err(|error| fault(&error))?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files.get(path).filter(|known| known.version == version) {
            return Ok(known.text.clone());
        }
        let text = crate::config::secret_file(path).map_err(|error| fault(&error))?;
        if text.expose_secret().is_empty() {
            return Err(fault(&"it is empty"));
        }
        self.redactor.learn(text.expose_secret());
        files.insert(path.to_owned(), FileValue { version, text: text.clone() });
        Ok(text)
    }

    /// One run for all who wait; whoever waits for a run that is given up runs it anew.
    async fn command(&self, command: &Command) -> Result<SecretString, CredentialFault> {
        let slot = {
            let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(commands.entry(command.clone()).or_default())
        };
        let mut output = slot.lock().await;
        if let Some(output) = output.as_ref().filter(|output| clock::now() - output.since < command.ttl) {
            return Ok(output.text.clone());
        }
        let text = run(command).await?;
        self.redactor.learn(text.expose_secret());
        *output = Some(Output { text: text.clone(), since: clock::now() });
        Ok(text)
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}

fn version(path: &Path) -> std::io::Result<Version> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.modified().ok(), metadata.len()))
}

/// What the program writes to its standard output, without the line break at its end. What it writes to its standard
/// error is thrown away: it may hold a secret.
async fn run(command: &Command) -> Result<SecretString, CredentialFault> {
    let fault = |reason: String| CredentialFault::Command {
        program: command.words.first().cloned().unwrap_or_default(),
        reason,
    };
    let ran = tokio::time::timeout(command.timeout, output(command)).await;
    let (status, bytes) = ran
        .map_err(|_| fault(format!("did not end within {} s", command.timeout.as_secs_f32())))?
        .map_err(|error| fault(format!("could not be run: {error}")))?;
    if !status.success() {
        return Err(fault(format!("ended with {status}")));
    }
    let text = String::from_utf8(bytes).map_err(|_| fault("wrote no UTF-8".to_owned()))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return Err(fault("wrote nothing".to_owned()));
    }
    Ok(text.into())
}

async fn output(command: &Command) -> std::io::Result<(std::process::ExitStatus, Vec<u8>)> {
    let (program, arguments) = command.words.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    let mut process = tokio::process::Command::new(program);
    process.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    if !command.folder.as_os_str().is_empty() {
        process.current_dir(&command.folder);
    }
    let mut child = process.kill_on_drop(true).spawn()?;
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_BYTES).read_to_end(&mut bytes).await?;
    }
    Ok((child.wait().await?, bytes))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn values() -> Values {
        Values::new(Arc::new(Redactor::default()))
    }

    fn command(words: &[&str], folder: &Path) -> Secret {
        Secret(vec![SecretPiece::Command(Command {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            folder: folder.to_owned(),
            ttl: Duration::from_secs(300),
            timeout: Duration::from_secs(10),
        })])
    }

    #[tokio::test]
    async fn a_file_is_read_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let secret = Secret(vec![SecretPiece::Fixed("id=".into()), SecretPiece::File(path.clone())]);
        let values = values();
        for text in ["first-token", "the-second-token"] {
            std::fs::write(&path, format!("{text}\n")).unwrap();
            let exposed = values.expose(&secret).await.unwrap();
            assert_eq!(exposed.expose_secret(), format!("id={text}"));
            assert_eq!(values.redactor.blank(text), "***");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(values.expose(&secret).await, Err(CredentialFault::File { .. })));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_is_run_once_until_it_is_forgotten_and_by_no_shell() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo ran >> runs; wc -l < runs; echo \"$0\"";
        let secret = command(&["sh", "-c", script, "$(rm) `x`"], folder.path());
        let values = values();
        let first = values.expose(&secret).await.unwrap();
        assert_eq!(first.expose_secret().trim(), "1\n$(rm) `x`");
        let again = values.expose(&secret).await.unwrap();
        assert_eq!(again.expose_secret(), first.expose_secret());
        assert!(values.forget_commands());
        assert!(values.expose(&secret).await.unwrap().expose_secret().trim().starts_with('2'));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_that_fails_is_told_without_what_it_wrote() {
        for (script, reason) in [
            ("echo s3cret; echo s3cret >&2; exit 3", "the command `sh` ended with exit status: 3"),
            ("true", "the command `sh` wrote nothing"),
        ] {
            let error = values().expose(&command(&["sh", "-c", script], Path::new(""))).await.unwrap_err();
            assert_eq!(error.to_string(), reason);
        }
        let error = values().expose(&command(&["no-such-program-1"], Path::new(""))).await.unwrap_err();
        assert!(error.to_string().starts_with("the command `no-such-program-1` could not be run"), "{error}");
    }
}
