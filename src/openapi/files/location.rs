//! Where a file of a document is, and what a relative reference in it means.

use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use super::Broken;

/// Where a file of a document is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Location {
    /// On this machine: joined to the document's own path as that was given, `.` and `..` resolved.
    Path(PathBuf),
    /// At a URL, without fragment.
    Url(Url),
}

impl Location {
    /// Where a source of this name is.
    pub(super) fn of_source(name: &str) -> Option<Self> {
        if !name.contains("://") {
            return Some(Self::Path(PathBuf::from(name)));
        }
        Url::parse(name).ok().map(Self::Url)
    }

    /// What `file`, the part of a reference before its `#`, means in the file at `self`.
    pub(super) fn join(&self, file: &str) -> Result<Self, Broken> {
        match self {
            Self::Url(base) => {
                Url::parse(file).or_else(|_| base.join(file)).map_err(|_| Broken::Nowhere).and_then(fetched)
            }
            Self::Path(_) if has_scheme(file) => Url::parse(file).map_err(|_| Broken::Url).and_then(fetched),
            Self::Path(_) if file.starts_with("//") => {
                Url::parse(&format!("https:{file}")).map_err(|_| Broken::Url).and_then(fetched)
            }
            Self::Path(from) => beside(from, file).map(Self::Path),
        }
    }
}

/// What is at a URL; nothing but the web is.
fn fetched(mut url: Url) -> Result<Location, Broken> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Broken::Url);
    }
    url.set_fragment(None);
    Ok(Location::Url(url))
}

/// The path that a relative one means in the file at `from`.
fn beside(from: &Path, file: &str) -> Result<PathBuf, Broken> {
    let file = file.split('?').next().unwrap_or_default();
    let file = percent_decode_str(file).decode_utf8_lossy();
    if Path::new(&*file).is_absolute() || file.contains('\0') {
        return Err(Broken::Outside);
    }
    Ok(normal(&from.parent().unwrap_or(Path::new("")).join(&*file)))
}

/// The path without `.` and `..`, decided by its text alone.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            component => normal.push(component),
        }
    }
    normal
}

/// Whether a text begins with a URL scheme (RFC 3986, section 3.1). One letter is a drive, not a scheme.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}
