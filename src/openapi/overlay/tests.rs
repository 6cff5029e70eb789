use serde_json::{Value, json};

use super::*;
use crate::openapi::node::Node;
use crate::openapi::overlay::path::Query;

fn tree(name: &str, text: &str) -> Tree {
    let mut diagnostics = Diagnostics::default();
    text::parse(&Source::new(name, text), &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:?}"))
}

fn value(text: &str) -> Value {
    tree("value.yaml", text).root().to_value()
}

/// The values at the places that an expression selects, in the order of the document.
fn selected(expression: &str, document: &Value) -> Vec<Value> {
    let tree = tree("document.json", &document.to_string());
    let query = Query::parse(expression).unwrap_or_else(|reason| panic!("{expression}: {reason}"));
    let mut trails = query.select(tree.root()).unwrap();
    let nodes: Vec<_> = query.nodes(tree.root()).into_iter().map(Node::to_value).collect();
    let at = |trail: &path::Trail| {
        let step = |node: Node<'_>, position: &u32| {
            let position = *position as usize;
            let child = node.item(position).or_else(|| node.entries().nth(position).map(|entry| entry.value));
            child.map(Node::id).map(|id| tree.node(id))
        };
        trail.iter().try_fold(tree.root(), step).unwrap().to_value()
    };
    assert_eq!(trails.iter().map(at).collect::<Vec<_>>(), nodes, "{expression}");
    trails.sort();
    trails.iter().map(at).collect()
}

/// The document with overlays applied, and what was said.
fn applied(document: &str, overlays: &[&str]) -> (Option<Value>, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let read = |(index, text): (usize, &&str)| {
        Overlay::read(&Source::new(format!("overlay{index}.yaml"), *text), &mut diagnostics)
    };
    let overlays: Option<Vec<Overlay>> = overlays.iter().enumerate().map(read).collect();
    let tree =
        overlays.and_then(|overlays| apply(tree("document.yaml", document), &overlays, &mut diagnostics));
    let said = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic.place.as_ref().unwrap();
        format!("{} {place}: {}", diagnostic.code.as_str(), diagnostic.message)
    });
    (tree.map(|tree| tree.root().to_value()), said.collect())
}

/// The document after these actions, without a word said.
fn after(document: &str, actions: &str) -> Value {
    let overlay = format!("overlay: 1.1.0\ninfo: {{title: x, version: 1}}\nactions:\n{actions}");
    let (changed, said) = applied(document, &[&overlay]);
    assert_eq!(said, [""; 0]);
    changed.unwrap()
}

#[test]
fn the_bookstore_of_the_rfc_is_queried_as_the_rfc_says() {
    // RFC 9535, section 1.5, in words of our own.
    let store = json!({"store": {
        "book": [
            {"category": "reference", "author": "A", "title": "Sayings", "price": 8.95},
            {"category": "fiction", "author": "B", "title": "Sword", "price": 12.99},
            {"category": "fiction", "author": "C", "title": "Whale", "isbn": "0-553", "price": 8.99},
            {"category": "fiction", "author": "D", "title": "Rings", "isbn": "0-395", "price": 22.99},
        ],
        "bicycle": {"color": "red", "price": 399},
    }});
    let titles = |expression: &str| -> Vec<String> {
        selected(expression, &store).iter().map(|book| book["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(selected("$.store.book[*].author", &store), [json!("A"), json!("B"), json!("C"), json!("D")]);
    assert_eq!(selected("$..author", &store).len(), 4);
    assert_eq!(selected("$.store.*", &store).len(), 2);
    assert_eq!(selected("$.store..price", &store).len(), 5);
    assert_eq!(titles("$..book[2]"), ["Whale"]);
    assert_eq!(selected("$..book[2].author", &store), [json!("C")]);
    assert_eq!(selected("$..book[2].publisher", &store), [Value::Null; 0]);
    assert_eq!(titles("$..book[-1]"), ["Rings"]);
    assert_eq!(titles("$..book[0,1]"), ["Sayings", "Sword"]);
    assert_eq!(titles("$..book[:2]"), ["Sayings", "Sword"]);
    assert_eq!(titles("$..book[?@.isbn]"), ["Whale", "Rings"]);
    assert_eq!(titles("$..book[?@.price<10]"), ["Sayings", "Whale"]);
    assert_eq!(selected("$..*", &store).len(), 27);
}

#[test]
fn names_indices_and_slices_select_as_the_rfc_says() {
    // Sections 2.3.1 to 2.3.4.
    let object = json!({"o": {"j j": {"k.k": 3}}, "'": {"@": 2}});
    assert_eq!(selected("$.o['j j']['k.k']", &object), [json!(3)]);
    assert_eq!(selected("$.o[\"j j\"][\"k.k\"]", &object), [json!(3)]);
    assert_eq!(selected("$[\"'\"][\"@\"]", &object), [json!(2)]);
    assert_eq!(selected(r"$['\'']['@']", &object), [json!(2)]);
    let letters = json!(["a", "b", "c", "d", "e", "f", "g"]);
    let text = |expression: &str| -> String {
        selected(expression, &letters).iter().map(|letter| letter.as_str().unwrap().to_owned()).collect()
    };
    for (expression, expected) in [
        ("$[1]", "b"),
        ("$[-2]", "f"),
        ("$[7]", ""),
        ("$[1:3]", "bc"),
        ("$[5:]", "fg"),
        ("$[1:5:2]", "bd"),
        ("$[5:1:-2]", "df"),
        ("$[::-1]", "abcdefg"),
        ("$[-2:]", "fg"),
        ("$[:-5]", "ab"),
        ("$[1:3:0]", ""),
        ("$[9:]", ""),
        ("$['1']", ""),
    ] {
        assert_eq!(text(expression), expected, "{expression}");
    }
}

#[test]
fn filters_hold_as_the_rfc_says() {
    // Section 2.3.5.3.
    let document = json!({
        "a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
        "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}},
        "e": "f",
    });
    let count = |expression: &str| selected(expression, &document).len();
    for (expression, expected) in [
        ("$.a[?@.b == 'kilo']", 1),
        ("$.a[?(@.b == 'kilo')]", 1),
        ("$.a[?@>3.5]", 3),
        ("$.a[?@.b]", 4),
        ("$[?@.*]", 2),
        ("$[?@[?@.b]]", 1),
        ("$.o[?@<3, ?@<3]", 4),
        ("$.a[?@<2 || @.b == \"k\"]", 2),
        ("$.a[?match(@.b, \"[jk]\")]", 2),
        ("$.a[?search(@.b, \"[jk]\")]", 3),
        ("$.o[?@>1 && @<4]", 2),
        ("$.o[?@.u || @.x]", 1),
        ("$.a[?@.b == $.x]", 6),
        ("$.a[?@ == @]", 10),
        ("$.a[?!@.b]", 6),
        ("$.a[?length(@.b) == 4]", 1),
        ("$[?count(@.*) > 5]", 1),
        ("$[?value(@..u) == 6]", 1),
        ("$.a[?match(@.b, 'k.*')]", 2),
    ] {
        assert_eq!(count(expression), expected, "{expression}");
    }
}

#[test]
fn comparisons_hold_as_the_rfc_says() {
    // Section 2.3.5.3, table 11.
    let document = |condition: &str| {
        let query = Query::parse(&format!("$[?{condition}]"))
            .unwrap_or_else(|reason| panic!("{condition}: {reason}"));
        let tree = tree("document.json", r#"{"obj": {"x": "y"}, "arr": [2, 3]}"#);
        query.nodes(tree.root()).len() == 2
    };
    for (condition, expected) in [
        ("$.absent1 == $.absent2", true),
        ("$.absent1 <= $.absent2", true),
        ("$.absent == 'g'", false),
        ("$.absent1 != $.absent2", false),
        ("$.absent != 'g'", true),
        ("1 <= 2", true),
        ("1 > 2", false),
        ("13 == '13'", false),
        ("'a' <= 'b'", true),
        ("'a' > 'b'", false),
        ("$.obj == $.arr", false),
        ("$.obj != $.arr", true),
        ("$.obj == $.obj", true),
        ("$.arr == $.arr", true),
        ("$.obj == 17", false),
        ("$.obj <= $.arr", false),
        ("$.obj < $.arr", false),
        ("$.arr <= $.arr", true),
        ("1 <= $.arr", false),
        ("true <= true", true),
        ("true > true", false),
        ("null == null", true),
        ("1 == 1.0", true),
    ] {
        assert_eq!(document(condition), expected, "{condition}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    for expression in
        ["", "paths", "$.", "$[a]", "$.x-note", "$[?@.a = 1]", "$[?in(@.a, @.b)]", "$[01]", "$[?@.a", " $"]
    {
        assert!(Query::parse(expression).is_err(), "{expression}");
    }
}

#[test]
fn an_update_merges_objects_appends_to_arrays_and_replaces_primitives() {
    let document = "info: {title: Old, x: {a: 1, b: [1]}}\ntags: [{name: a}]\nempty:\n";
    assert_eq!(
        after(
            document,
            "- {target: $, update: {info: {title: New, x: {b: [2], c: 3}}, tags: [{name: b}], more: 4}}"
        ),
        value(
            "{info: {title: New, x: {a: 1, b: [1, 2], c: 3}}, tags: [{name: a}, {name: b}], empty: null, more: 4}"
        )
    );
    assert_eq!(after("tags: [a]", "- {target: $.tags, update: b}"), value("tags: [a, b]"));
    assert_eq!(after("tags: [a]", "- {target: $.tags, update: {name: b}}"), value("tags: [a, {name: b}]"));
    assert_eq!(after("tags: [a]", "- {target: $.tags, update: [b, c]}"), value("tags: [a, b, c]"));
    assert_eq!(after("a: {b: 1}", "- {target: $.a.b, update: text}"), value("a: {b: text}"));
    assert_eq!(
        after(document, "- {target: $, update: {empty: {a: 1}, tags: , info: }}")["empty"],
        value("a: 1")
    );
}

#[test]
fn every_selected_node_is_updated_once_also_within_one_another() {
    let document = "paths: {/a: {get: {}, post: {}}, /b: {get: {}}}";
    assert_eq!(
        after(document, "- {target: '$.paths.*.get', update: {x: 1}}"),
        value("paths: {/a: {get: {x: 1}, post: {}}, /b: {get: {x: 1}}}")
    );
    assert_eq!(
        after("a: {b: {c: {}}}", "- {target: $..*, update: {x: 1}}"),
        value("a: {b: {c: {x: 1}, x: 1}, x: 1}")
    );
    assert_eq!(after("a: [1]", "- {target: \"$['a', 'a']\", update: 2}"), value("a: [1, 2]"));
}

#[test]
fn what_is_removed_is_gone_from_its_mapping_or_list() {
    let document = "paths: {/a: {get: {tags: [x, y]}, put: {}}, /b: {}}";
    assert_eq!(
        after(
            document,
            "- {target: \"$.paths['/b']\", remove: true}\n- {target: \"$..tags[?@ == 'x']\", remove: true}"
        ),
        value("paths: {/a: {get: {tags: [y]}, put: {}}}")
    );
    assert_eq!(after("a: [1, 2, 3, 4]", "- {target: '$.a[0, 2]', remove: true}"), value("a: [2, 4]"));
    assert_eq!(
        after("a: {b: 1}", "- {target: $.a, remove: true}\n- {target: $, update: {a: {c: 2}}}"),
        value("a: {c: 2}")
    );
    assert_eq!(
        after("a: {b: 1}", "- {target: $.a, remove: false, update: {c: 2}}"),
        value("a: {b: 1, c: 2}")
    );
}

#[test]
fn a_node_is_copied_and_moved() {
    let actions = "- {target: $.paths, update: {/new: {}}}\n- {target: \"$.paths['/new']\", copy: \"$.paths['/old']\"}\n- {target: \"$.paths['/old']\", remove: true}";
    assert_eq!(after("paths: {/old: {get: {a: 1}}}", actions), value("paths: {/new: {get: {a: 1}}}"));
}

#[test]
fn a_reusable_action_is_applied_where_it_is_referred_to() {
    let overlay = "overlay: 1.2.0\ncomponents: {actions: {a/b: {fields: {update: {x: 1}}}}}\nactions:\n- {$ref: '#/components/actions/a~1b', target: $.a}\n- {$ref: '#/components/actions/a~1b', target: $.b, update: {y: 2}}";
    let (changed, said) = applied("{a: {}, b: {}}", &[overlay]);
    assert_eq!((changed.unwrap(), said), (value("{a: {x: 1}, b: {y: 2}}"), vec![]));
}

#[test]
fn an_alias_is_changed_only_where_it_was_selected() {
    let document = "a: &shared {x: [1]}\nb: *shared\nc: {d: *shared}";
    assert_eq!(
        after(document, "- {target: $.b.x, update: 2}\n- {target: $.c.d, remove: true}"),
        value("{a: {x: [1]}, b: {x: [1, 2]}, c: {}}")
    );
}

#[test]
fn large_objects_are_still_searched_after_a_change() {
    let document: Value = (0..200).map(|index| (format!("k{index}"), json!({"n": index}))).collect();
    let changed = after(
        &document.to_string(),
        "- {target: '$[?@.n > 100]', remove: true}\n- {target: $.k7, update: {m: 1}}",
    );
    assert_eq!(changed.as_object().unwrap().len(), 101);
    assert_eq!(changed["k7"], json!({"n": 7, "m": 1}));
    let tree = {
        let overlay = "overlay: 1.0.0\nactions: [{target: $, update: {new: 1}}]";
        let overlay = Overlay::read(&Source::new("o.yaml", overlay), &mut Diagnostics::default()).unwrap();
        apply(tree("document.json", &document.to_string()), &[overlay], &mut Diagnostics::default()).unwrap()
    };
    assert!((0..200).all(|index| tree.root().get(&format!("k{index}")).is_some()));
    assert_eq!(tree.root().get("new").unwrap().place().to_string(), "o.yaml:2:37");
    assert_eq!(tree.root().get("k1").unwrap().place().to_string(), "document.json:1:20");
}

#[test]
fn overlays_are_applied_in_order_and_places_point_into_the_file_where_they_were_written() {
    let mut diagnostics = Diagnostics::default();
    let overlays: Vec<Overlay> = [
        "overlay: 1.0.0\nactions: [{target: $, update: {a: {b: 1}}}]",
        "overlay: 1.0.0\nactions:\n- target: $.a\n  update:\n    c: 2",
    ]
    .iter()
    .enumerate()
    .map(|(index, text)| {
        Overlay::read(&Source::new(format!("{index}.yaml"), *text), &mut diagnostics).unwrap()
    })
    .collect();
    let tree = apply(tree("d.yaml", "x: 1\ny: 2"), &overlays, &mut diagnostics).unwrap();
    let place = |path: [&str; 2]| {
        let node = path.iter().filter(|key| !key.is_empty()).try_fold(tree.root(), |node, key| node.get(key));
        node.unwrap().place().to_string()
    };
    assert_eq!(place(["y", ""]), "d.yaml:2:4");
    assert_eq!(place(["a", "b"]), "0.yaml:2:39");
    assert_eq!(place(["a", "c"]), "1.yaml:5:8");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

#[test]
fn what_matches_nothing_or_changes_nothing_is_told_with_its_place() {
    let overlay = "overlay: 1.0.0\nactions:\n- target: $.nowhere\n  remove: true\n- target: $.a\n- {target: $.a, updat: 1, remove: true}";
    let (changed, said) = applied("{a: 1, b: [2]}", &[overlay]);
    assert_eq!(changed.unwrap(), value("{b: [2]}"));
    assert_eq!(
        said,
        [
            "invalid-overlay overlay0.yaml:5:3: an action without `update`, `copy` or `remove` changes nothing",
            "invalid-overlay overlay0.yaml:6:17: an action has no key `updat`; it is ignored",
            "no-match overlay0.yaml:3:11: the target of this action matches nothing in the document",
        ]
    );
    let (changed, said) = applied("a: [1]", &["overlay: 1.0.0\nactions: [{target: $, update: {a: {b: 1}}}]"]);
    assert_eq!(changed.unwrap(), value("a: {b: 1}"));
    assert_eq!(
        said,
        [
            "invalid-overlay overlay0.yaml:2:35: this is of another kind than what it is merged with; it replaces it"
        ]
    );
}

#[test]
fn a_broken_overlay_is_named_and_nothing_is_applied() {
    for (overlay, expected) in [
        ("a: 1", "invalid-overlay overlay0.yaml:1:1: this is no overlay: it has no `overlay: 1.0.0`"),
        ("overlay: 1.0.0", "invalid-overlay overlay0.yaml:1:1: an overlay without `actions` changes nothing"),
        ("overlay: 1.0.0\nactions: {}", "invalid-overlay overlay0.yaml:2:10: `actions` is a list"),
        (
            "overlay: 1.0.0\nactions: [1]",
            "invalid-overlay overlay0.yaml:2:11: an action is a mapping with a `target`",
        ),
        (
            "overlay: 1.0.0\nactions: [{update: 1}]",
            "invalid-overlay overlay0.yaml:2:11: an action needs a `target`",
        ),
        (
            "overlay: 1.0.0\nactions: [{target: $.x-a, remove: true}]",
            "invalid-overlay overlay0.yaml:2:20: this is no JSONPath expression: character 4 is not expected",
        ),
        (
            "overlay: 1.0.0\nactions: [{target: $, remove: true}]",
            "invalid-overlay overlay0.yaml:2:20: the document as a whole cannot be removed",
        ),
        (
            "overlay: 1.1.0\nactions: [{target: $, copy: $.b}]",
            "invalid-overlay overlay0.yaml:2:20: `copy` selects one node; this selects 0",
        ),
        (
            "overlay: 1.2.0\nactions: [{target: $, $ref: '#/components/actions/a'}]",
            "invalid-overlay overlay0.yaml:2:29: this leads to no `fields` of a reusable action of the overlay",
        ),
        ("overlay: [", "syntax overlay0.yaml:1:10: "),
    ] {
        let (changed, said) = applied("a: 1", &[overlay]);
        assert_eq!(changed, None, "{overlay}");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(expected), "{said:?}");
    }
}

#[test]
fn overlays_that_grow_without_bound_are_refused() {
    let action = "- {target: '$..*', update: {a: {b: {c: {}}}}}\n";
    let overlay = format!("overlay: 1.0.0\nactions:\n{}", action.repeat(60));
    let (changed, said) = applied("a: {}", &[&overlay]);
    assert_eq!(changed, None);
    assert_eq!(said.len(), 1, "{said:?}");
}
