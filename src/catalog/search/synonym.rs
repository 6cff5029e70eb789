//! What people say and what APIs call it. General words only: what a domain calls its things stands in its document.

/// Words of people, and the words of documents that they may stand for, with how surely they do.
const TABLE: &[(&[&str], &[&str], f32)] = &[
    (&["show", "see", "view", "read", "fetch", "retrieve", "display", "look"], &["get", "list"], 0.7),
    (&["find", "search", "lookup", "query"], &["search", "list", "get"], 0.6),
    (&["get"], &["list"], 0.5),
    (&["list"], &["get"], 0.3),
    (&["enumerate", "browse"], &["list"], 0.8),
    (&["add", "make", "new", "open", "register", "insert", "submit"], &["create", "add"], 0.85),
    (&["create"], &["add"], 0.5),
    (&["remove", "erase", "drop", "destroy", "unset", "revoke", "clear"], &["delete", "remove"], 0.8),
    (&["delete"], &["remove"], 0.7),
    (&["change", "edit", "modify", "rename", "alter"], &["update", "edit"], 0.8),
    (&["set"], &["update", "create", "put", "replace"], 0.8),
    (&["approve", "accept"], &["approve", "review", "accept"], 0.7),
    (&["update"], &["edit", "set", "patch"], 0.5),
    (&["close", "reopen"], &["update"], 0.4),
    (&["stop", "abort", "halt"], &["cancel", "stop"], 0.8),
    (&["start", "launch", "trigger", "execute"], &["run", "start", "dispatch", "create"], 0.6),
    (&["rerun", "retry", "restart"], &["re", "rerun", "run"], 0.6),
    (&["upload", "send"], &["upload", "create", "post"], 0.6),
    (&["download", "export"], &["download", "get"], 0.6),
    (&["allow"], &["enable", "allow"], 0.8),
    (&["forbid", "deny"], &["disable", "block"], 0.7),
    (&["repo", "repos"], &["repository", "repo"], 0.95),
    (&["repository", "repositories"], &["repo", "repos"], 0.95),
    (&["org", "orgs"], &["organization", "org"], 0.95),
    (
        &["organization", "organizations", "organisation", "organisations"],
        &["org", "orgs", "organization"],
        0.95,
    ),
    (&["pr", "prs"], &["pull"], 0.9),
    (&["config", "configs"], &["configuration", "settings"], 0.8),
    (&["settings", "options", "preferences"], &["settings", "configuration"], 0.7),
    (&["env"], &["environment"], 0.9),
    (&["auth", "login"], &["authentication", "authorization", "auth"], 0.7),
    (&["info", "details", "information"], &["get", "info"], 0.3),
    (&["picture", "photo"], &["image"], 0.7),
    (&["person", "people", "member"], &["user", "member"], 0.5),
    (&["usage"], &["billing", "usage"], 0.5),
    (&["admin", "admins"], &["administrator", "admin"], 0.9),
    (&["app", "apps"], &["application", "app"], 0.9),
    (&["application", "applications"], &["app"], 0.9),
    (&["msg", "msgs"], &["message"], 0.9),
    (&["doc", "docs"], &["document", "documentation"], 0.8),
];

/// The words that may stand for a word of a query, and how surely each does (below 1).
pub(super) fn of(word: &str) -> impl Iterator<Item = (&'static str, f32)> {
    TABLE
        .iter()
        .filter(move |(said, _, _)| said.contains(&word))
        .flat_map(|(_, meant, likeness)| meant.iter().map(move |word| (*word, *likeness)))
}
