//! How tools are shown, in the words of the command line. It has the last word over gateway files.

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use crate::config::shown::{Detail, Discover, Profile, ShownChange};

/// What is said about how tools are shown.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct ShownArguments {
    /// Show three tools to find and call others, instead of all; auto: above 200 tools
    #[arg(long, value_name = "WHEN", value_parser = discover(), help_heading = "Options for what is shown")]
    discover: Option<Discover>,

    /// Whose dialect of JSON Schema to write
    #[arg(long, value_name = "PROFILE", value_parser = profile(), help_heading = "Options for what is shown")]
    profile: Option<Profile>,

    /// At what length to describe tools
    #[arg(long, value_name = "DETAIL", value_parser = detail(), help_heading = "Options for what is shown")]
    detail: Option<Detail>,
}

impl From<ShownArguments> for ShownChange {
    fn from(arguments: ShownArguments) -> Self {
        let ShownArguments { discover, profile, detail } = arguments;
        Self { discover, profile, detail }
    }
}

fn discover() -> impl clap::builder::TypedValueParser<Value = Discover> {
    PossibleValuesParser::new(["on", "off", "auto"]).map(|word| match word.as_str() {
        "on" => Discover::On,
        "auto" => Discover::AUTO,
        _ => Discover::Off,
    })
}

fn profile() -> impl clap::builder::TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::as_str))
        .map(|word| Profile::ALL.into_iter().find(|profile| profile.as_str() == word).unwrap_or_default())
}

fn detail() -> impl clap::builder::TypedValueParser<Value = Detail> {
    PossibleValuesParser::new(["full", "lean", "minimal"]).map(|word| match word.as_str() {
        "lean" => Detail::Lean,
        "minimal" => Detail::Minimal,
        _ => Detail::Full,
    })
}
