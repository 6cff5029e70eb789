//! What ARCHITECTURE.md and CONTRIBUTING.md promise about the code, held against the code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::gateway::repository;

/// Modules that every other one may use.
const GROUND: [&str; 3] = ["clock", "tasks", "telemetry"];
/// The crate's own two files, which are no module.
const ROOTS: [&str; 2] = ["lib", "main"];
/// Lines of a file, its tests left out.
const FILE_LIMIT: usize = 500;
/// Lines of tests that a file may hold; more go to `name/tests.rs`.
const INLINE_TESTS_LIMIT: usize = 160;

#[test]
fn a_module_uses_only_what_the_architecture_allows() {
    let allowed = allowed_edges();
    let violations: Vec<String> = sources()
        .iter()
        .filter(|file| !ROOTS.contains(&file.module.as_str()))
        .flat_map(|file| file.used_modules().into_iter().map(move |(line, used)| (file, line, used)))
        .filter(|(file, _, used)| !is_allowed(&allowed, &file.module, used))
        .map(|(file, line, used)| format!("{}:{line} uses crate::{used}", file.path.display()))
        .collect();
    assert!(violations.is_empty(), "edges that ARCHITECTURE.md does not allow:\n{}", violations.join("\n"));
}

#[test]
fn the_architecture_names_every_module() {
    let rows: BTreeSet<String> = allowed_edges().into_keys().collect();
    let mut modules: BTreeSet<String> = sources().into_iter().map(|file| file.module).collect();
    modules.retain(|module| !ROOTS.contains(&module.as_str()) && !GROUND.contains(&module.as_str()));
    assert_eq!(rows, modules);
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|file| file.code().len() > FILE_LIMIT || file.inline_tests().len() > INLINE_TESTS_LIMIT)
        .map(|file| {
            let (code, tests) = (file.code().len(), file.inline_tests().len());
            format!("{}: {code} lines of code, {tests} of tests", file.path.display())
        })
        .collect();
    assert!(long.is_empty(), "files that should be split:\n{}", long.join("\n"));
}

#[test]
fn every_file_says_why_it_exists() {
    let silent: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|file| !file.code().is_empty() && !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "files without an essay at their head: {silent:?}");
}

/// A file below `src`, and the top module that it belongs to.
struct SourceFile {
    path: PathBuf,
    module: String,
    text: String,
    is_test: bool,
}

impl SourceFile {
    /// The lines up to the inline tests; none of a file that is all tests.
    fn code(&self) -> Vec<&str> {
        if self.is_test {
            return Vec::new();
        }
        self.text.lines().take_while(|line| *line != "mod tests {").collect()
    }

    fn inline_tests(&self) -> Vec<&str> {
        self.text.lines().skip_while(|line| *line != "mod tests {").collect()
    }

    /// The folders and files of the modules that it declares for tests alone.
    fn test_modules(&self) -> Vec<PathBuf> {
        let folder = self.path.with_extension("");
        let folder = if ROOTS.contains(&self.module.as_str()) { PathBuf::new() } else { folder };
        let lines: Vec<&str> = self.text.lines().map(str::trim).collect();
        let declared = lines
            .windows(2)
            .filter(|pair| pair[0] == "#[cfg(test)]")
            .filter_map(|pair| pair[1].strip_suffix(';'));
        let names = declared.filter_map(|line| line.split_once("mod ")).map(|(_, name)| name);
        names.map(|name| folder.join(name)).collect()
    }

    /// Every `crate::NAME` of the code, comments left out, with its line.
    fn used_modules(&self) -> Vec<(usize, String)> {
        let lines = self.code().into_iter().enumerate();
        let code = lines.filter(|(_, line)| !line.trim_start().starts_with("//"));
        code.flat_map(|(number, line)| names_after_crate(line).map(move |name| (number + 1, name))).collect()
    }
}

/// The first path segment after each `crate::`. A group of them (`crate::{a, b}`) hides edges and is refused.
fn names_after_crate(line: &str) -> impl Iterator<Item = String> {
    line.split("crate::").skip(1).map(move |rest| {
        assert!(!rest.starts_with('{'), "write one `use crate::` for each module: {line}");
        rest.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
    })
}

fn is_allowed(allowed: &BTreeMap<String, BTreeSet<String>>, module: &str, used: &str) -> bool {
    let may_use = |names: &BTreeSet<String>| names.contains(used) || names.contains("everything");
    module == used || GROUND.contains(&used) || allowed.get(module).is_some_and(may_use)
}

/// The table of ARCHITECTURE.md: the module in the first column, what it may use in the last one.
fn allowed_edges() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let table = text.lines().skip_while(|line| !line.ends_with("| may use |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [module, _, _, may_use] = cells[..] else { panic!("four cells were expected: {line}") };
        let mut names: BTreeSet<String> = quoted(may_use).collect();
        names.extend((may_use == "everything").then(|| may_use.to_owned()));
        (module.trim_matches('`').to_owned(), names)
    });
    rows.collect()
}

fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

fn sources() -> Vec<SourceFile> {
    let root = repository("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => files.push(source_file(&root, &path)),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    let tests: Vec<PathBuf> = files.iter().flat_map(SourceFile::test_modules).collect();
    for file in &mut files {
        let path = file.path.with_extension("");
        file.is_test = tests.iter().any(|test| path.starts_with(test));
    }
    files
}

fn source_file(root: &Path, path: &Path) -> SourceFile {
    let text = std::fs::read_to_string(path).unwrap();
    let relative = path.strip_prefix(root).unwrap().to_owned();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    SourceFile { path: relative, module: first.trim_end_matches(".rs").to_owned(), text, is_test: false }
}
