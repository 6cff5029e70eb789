use std::sync::Arc;

use super::*;

fn object_of(source: &Arc<Source>, keys: impl IntoIterator<Item = String>) -> (Tree, usize) {
    let mut builder = Builder::new(source);
    let mut entries = Vec::new();
    for (index, key) in keys.into_iter().enumerate() {
        let value = builder.own(&index.to_string());
        let value = builder.number(value, Span::default());
        entries.push((builder.own(&key), Span::new(index, index), value));
    }
    let root = builder.object(&entries, Span::default());
    let (_, duplicates) = builder.duplicates();
    (builder.finish(root), duplicates)
}

#[test]
fn keys_are_found_in_small_and_large_objects() {
    let source = Source::new("test", "");
    for size in [0, 1, lookup::SMALL, lookup::SMALL + 1, 5_000] {
        let (tree, _) = object_of(&source, (0..size).map(|index| format!("key{index}")));
        assert_eq!(tree.root().len(), size);
        for index in 0..size {
            let found = tree.root().get(&format!("key{index}")).and_then(Node::as_number);
            assert_eq!(found, Some(index.to_string().as_str()), "of {size}");
        }
        assert!(tree.root().get("key").is_none());
    }
}

#[test]
fn of_a_key_that_comes_twice_the_last_value_counts_at_the_first_position() {
    let source = Source::new("test", "");
    for size in [3, 40] {
        let keys = (0..size).map(|index| format!("key{index}")).chain(["key1".to_owned()]);
        let (tree, duplicates) = object_of(&source, keys);
        assert_eq!((tree.root().len(), duplicates), (size, 1));
        let second = tree.root().entries().nth(1).unwrap();
        assert_eq!((second.key, second.value.as_number()), ("key1", Some(size.to_string().as_str())));
        assert_eq!(second.key_span, Span::new(size, size));
    }
}

#[test]
fn an_object_that_shrank_below_the_size_of_a_table_is_still_searched() {
    let source = Source::new("test", "");
    let (tree, duplicates) = object_of(&source, (0..30).map(|index| format!("key{}", index % 3)));
    assert_eq!((tree.root().len(), duplicates), (3, 27));
    assert_eq!(tree.root().get("key2").and_then(Node::as_number), Some("29"));
}

#[test]
fn shared_nodes_count_as_often_as_they_are_used() {
    let mut builder = Builder::new(&Source::new("test", ""));
    let mut node = builder.null(Span::default());
    for _ in 0..10 {
        node = builder.array(&[node, node], Span::default());
    }
    let tree = builder.finish(node);
    assert_eq!(tree.len(), 11);
    assert_eq!(tree.extent(), Extent { weight: 2_047, depth: 10 });
}

#[test]
fn numbers_keep_their_digits_in_a_value() {
    let mut builder = Builder::new(&Source::new("test", "-9223372036854775809.10"));
    let node = builder.number(Text::at(Span::new(0, 23)), Span::new(0, 23));
    let tree = builder.finish(node);
    assert_eq!(tree.root().to_value().to_string(), "-9223372036854775809.10");
}
