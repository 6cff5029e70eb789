//! Names of arguments: `^[a-zA-Z0-9_.-]{1,64}$`, what every client accepts.

use rustc_hash::FxHashSet;

use super::Input;

/// The longest name of an argument.
const LIMIT: usize = 64;

/// Gives every input that is not hidden a name of its own. `chosen` are names that somebody chose, by index.
pub(super) fn assign(inputs: &mut [Input], chosen: &[(usize, String)]) {
    let wishes: Vec<(String, bool)> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let name = chosen.iter().find(|(at, _)| *at == index).map_or(&input.wire, |(_, name)| name);
            let legal = legal(name);
            let as_written = legal == *name;
            (legal, as_written)
        })
        .collect();
    // Who comes first has the name: what somebody chose, then what is legal as it is written, then by place.
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by_key(|index| {
        let is_chosen = chosen.iter().any(|(at, _)| at == index);
        let as_written = wishes.get(*index).is_some_and(|(_, as_written)| *as_written);
        (!is_chosen, !as_written, inputs.get(*index).map(|input| input.kind))
    });
    let mut taken = FxHashSet::default();
    for index in order {
        let (Some(input), Some((wish, _))) = (inputs.get_mut(index), wishes.get(index)) else { continue };
        if input.argument.is_some() {
            let name = free(wish, input.kind.place(), &taken);
            taken.insert(name.clone());
            input.argument = Some(name);
        }
    }
}

/// The name itself, else with its place before it, else with a number after it.
fn free(wish: &str, place: &str, taken: &FxHashSet<String>) -> String {
    let with_place = || if wish.is_empty() { place.to_owned() } else { format!("{place}_{wish}") };
    std::iter::once(wish.to_owned())
        .filter(|name| !name.is_empty())
        .chain(std::iter::once_with(with_place))
        .chain((2..).map(|number| format!("{}_{number}", cut(&with_place(), LIMIT - 4))))
        .map(|name| cut(&name, LIMIT).to_owned())
        .find(|name| !taken.contains(name))
        .unwrap_or_default()
}

/// What a name has of legal characters: `project_ids` of `project_ids[]`, `hate_threatening` of `hate/threatening`.
fn legal(name: &str) -> String {
    let is_legal =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
    if name.chars().all(is_legal) && name.len() <= LIMIT {
        return name.to_owned();
    }
    let mut legal = String::with_capacity(name.len());
    for character in name.chars() {
        if is_legal(character) {
            legal.push(character);
        } else if !legal.is_empty() && !legal.ends_with('_') {
            legal.push('_');
        }
    }
    cut(legal.trim_end_matches('_'), LIMIT).to_owned()
}

/// At most `length` characters of an ASCII text.
fn cut(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}
