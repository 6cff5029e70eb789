//! The stable codes of diagnostics.

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $severity:ident;)+) => {
        /// Which kind of problem a diagnostic is about. The text form is stable across versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes there are.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable text form, in kebab case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How bad it is, unless the place of use says otherwise.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }

            /// What it means in one paragraph.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Its page, in Markdown: what it means, an example, what toolgate does and what to do.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("pages/", $text, ".md")),)+ }
            }
        }
    };
}

codes! {
    // Sources
    /// The file, folder or URL could not be read.
    SourceUnreadable = "source-unreadable", Error;
    /// The source is larger than toolgate reads.
    SourceTooLarge = "source-too-large", Error;
    /// The source is neither a gateway file nor an OpenAPI document.
    SourceUnknown = "source-unknown", Error;
    /// Two gateways, or a gateway and a toolset, have the same name.
    DuplicateGateway = "duplicate-gateway", Error;

    // Text forms
    /// The text is not well-formed JSON or YAML.
    Syntax = "syntax", Error;
    /// The text is nested deeper, or expands further, than toolgate reads.
    TooDeep = "too-deep", Error;
    /// A mapping has the same key twice; the last one counts.
    DuplicateKey = "duplicate-key", Warning;

    // Gateway files
    /// The gateway file has a key that does not exist.
    UnknownKey = "unknown-key", Error;
    /// The gateway file has a key that this version of toolgate does nothing about.
    UnavailableKey = "unavailable-key", Error;
    /// The gateway file lacks a key that it needs.
    MissingKey = "missing-key", Error;
    /// A value in the gateway file is not of the form that its key takes.
    InvalidValue = "invalid-value", Error;
    /// An environment variable or a file that the gateway file refers to is not there.
    UnresolvedReference = "unresolved-reference", Error;
    /// A pattern or an operation named in the gateway file, or the target of an overlay's action, matches nothing in
    /// the document; or a pattern of the server file matches no tool.
    NoMatch = "no-match", Warning;

    // Overlays
    /// An overlay cannot be applied as its author means it. An error costs all operations of the document: without
    /// the overlay, something might be served that it takes out.
    InvalidOverlay = "invalid-overlay", Error;

    // OpenAPI documents
    /// The document says no version, or one that is not known; it was read by its shape.
    DocumentVersion = "document-version", Warning;
    /// The document has no `info`.
    MissingInfo = "missing-info", Warning;
    /// The document is of a version that toolgate does not read.
    UnsupportedVersion = "unsupported-version", Error;
    /// The document has nothing to serve: no `paths`, or no operation in them.
    NoOperations = "no-operations", Warning;
    /// A part of the document is not of the type that the specification asks for.
    UnexpectedType = "unexpected-type", Warning;
    /// A `$ref` leads nowhere.
    BrokenReference = "broken-reference", Warning;
    /// A `$ref` leads to where toolgate does not follow it.
    RefusedReference = "refused-reference", Warning;
    /// An operation needs something that toolgate cannot send; it is not served.
    UnservableOperation = "unservable-operation", Error;
    /// A variable of the path template is not declared as a parameter; it became a required text input.
    UndeclaredPathParameter = "undeclared-path-parameter", Warning;
    /// A path parameter is declared but the template has no such variable; it was left out.
    UnusedPathParameter = "unused-path-parameter", Warning;
    /// A parameter that toolgate sets itself (Host, Content-Length, Authorization …); it was left out.
    ReservedParameter = "reserved-parameter", Note;
    /// A parameter cannot be read; it was left out.
    InvalidParameter = "invalid-parameter", Warning;
    /// A schema has a keyword with a value that it cannot have; the keyword was left out.
    InvalidSchema = "invalid-schema", Warning;
    /// A schema was too large to show whole; its deepest parts accept anything.
    SchemaTooLarge = "schema-too-large", Note;
    /// Two operations have the same operationId.
    DuplicateOperationId = "duplicate-operation-id", Warning;
    /// No server is known for the operations; say `base_url` or `--base-url`.
    MissingServer = "missing-server", Error;
    /// A server URL cannot be used.
    InvalidServer = "invalid-server", Warning;
    /// An operation asks for a security scheme that the document does not declare.
    UndefinedSecurityScheme = "undefined-security-scheme", Warning;
    /// Operations ask for a credential and the gateway has none for it. They are served, and called without it; most
    /// APIs answer 401 then. Name a credential after the security scheme, or say which one goes with the operation.
    MissingCredential = "missing-credential", Warning;
    /// Operations ask for a credential of another kind than the gateway's `credential`, which is sent all the same: it is
    /// the operator's own word. Name it after a security scheme to have it sent to the operations of that scheme alone.
    CredentialKind = "credential-kind", Note;
    /// How operations have their pages is plain from the document. Results say how to ask for the next page; the gateway
    /// file can ask for more (`paginate: step`, `paginate: gather`) or for nothing (`paginate: off`).
    PaginationRecognised = "pagination-recognised", Note;
    /// Operations that write were left out; `writes: allow` or `--allow-writes` serves them.
    WritesDenied = "writes-denied", Note;
}
