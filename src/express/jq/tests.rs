use std::time::Duration;

use super::*;
use crate::clock;

async fn run(filter: &str, input: &str) -> Result<String, RunError> {
    let filter = Filter::load(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    Arc::new(filter).run(Bytes::from(input.to_owned())).await
}

#[tokio::test]
async fn filters_do_what_jq_does() {
    let people = r#"[{"name":"Ann","age":3,"tags":["a","b"]},{"name":"Bob","age":5}]"#;
    for (filter, input, output) in [
        (".", r#"{"b":1,"a":[null,true,"ä\n"]}"#, r#"{"b":1,"a":[null,true,"ä\n"]}"#),
        (".[] | {name, n: .age}", people, r#"[{"name":"Ann","n":3},{"name":"Bob","n":5}]"#),
        ("map(select(.age > 4) | .name)", people, r#"["Bob"]"#),
        (".[0].tags[-1], .[1].tags", people, r#"["b",null]"#),
        ("length, ([.[].age] | add, max), (.[0] | keys)", people, r#"[2,8,5,["age","name","tags"]]"#),
        ("group_by(.age > 4) | map({(.[0].name): length}) | add", people, r#"{"Ann":1,"Bob":1}"#),
        ("reduce .[] as $p ({}; .[$p.name] += $p.age)", people, r#"{"Ann":3,"Bob":5}"#),
        ("with_entries(.value |= tostring) | del(.b)", r#"{"a":1,"b":2}"#, r#"{"a":"1"}"#),
        ("[limit(3; range(10))], first(range(5; 0; -2)), [range(0; 1; 0.5)]", "null", "[[0,1,2],5,[0,0.5]]"),
        (
            r#"test("^a.c$"), [match("(?<x>.)c"; "g") | .captures[0].string], sub("b"; "B")"#,
            r#""abc""#,
            r#"[true,["b"],"aBc"]"#,
        ),
        (r#"split(", ") | map(ascii_upcase) | join("-"), index("B")"#, r#""a, b""#, r#"["A-B",1]"#),
        (
            "to_entries, (paths | join(\".\"))",
            r#"{"a":{"b":1}}"#,
            r#"[[{"key":"a","value":{"b":1}}],"a","a.b"]"#,
        ),
        (r#".a // "none", (.b.c? // 1), (try error("x") catch .)"#, r#"{"b":"text"}"#, r#"["none",1,"x"]"#),
        (
            "@csv, @tsv, @json, (.[1] | @uri, @base64)",
            r#"[1,"a\"b c"]"#,
            r#"["1,\"a\"\"b c\"","1\ta\"b c","[1,\"a\\\"b c\"]","a%22b%20c","YSJiIGM="]"#,
        ),
        ("tojson | fromjson, tonumber?", r#"{"a":[1.50]}"#, r#"[{"a":[1.50]}]"#),
        (
            "transpose, flatten, (.[0] | has(1), contains([1])), any(.[][]; . > 2)",
            "[[1,2],[3]]",
            "[[[1,3],[2,null]],[1,2,3],true,true,true]",
        ),
        (".a.b = 1 | .c[1] = 2", r#"{"c":[0]}"#, r#"{"c":[0,2],"a":{"b":1}}"#),
        (
            "1/3, 7 % 3, -(2), 3 - 1.5, nan, infinite, (10 | pow(.; 2) | floor), 1e3",
            "null",
            "[0.3333333333333333,1,-2,1.5,null,1.7976931348623157e+308,100,1e3]",
        ),
        (".[2:4], .[-1:], (.[0:1] | length)", r#""aéöü""#, r#"["öü","ü",1]"#),
        ("tostring, type, ascii_downcase?", r#"{"a":1}"#, r#"["{\"a\":1}","object"]"#),
        ("select(.a == 2)", r#"{"a":1}"#, "null"),
        (".[] | select(. > 5)", "[1]", "[]"),
        ("def f(x): x * 2; f(.[0]) + 1", "[4]", "9"),
        ("\"\\(.a)-\\(.b)\"", r#"{"a":"x","b":[1]}"#, r#""x-[1]""#),
        ("todate", "0", r#""1970-01-01T00:00:00Z""#),
        ("walk(if type == \"number\" then . + 1 else . end)", "[1,[2]]", "[2,[3]]"),
    ] {
        assert_eq!(run(filter, input).await.as_deref(), Ok(output), "{filter}");
    }
}

#[tokio::test]
async fn numbers_keep_their_digits_unless_they_are_calculated_with() {
    let input = r#"[{"id":9007199254740993,"x":1.10},{"id":123456789012345678901234567890,"x":1E400},{"id":-0,"x":0.1}]"#;
    let output = "[9007199254740993,1.10,123456789012345678901234567890,1E400,-0,0.1]";
    assert_eq!(run(".[] | .id, .x", input).await.unwrap(), output);
    assert_eq!(
        run("sort_by(.id) | map(.id)", input).await.unwrap(),
        "[-0,9007199254740993,123456789012345678901234567890]"
    );
    let alike = "[123456789012345678901, 123456789012345678902, 123456789012345678901]";
    assert_eq!(run("unique", alike).await.unwrap(), "[123456789012345678901,123456789012345678902]");
    assert_eq!(run(".[0] + 1", "[9007199254740993]").await.unwrap(), "9007199254740994");
}

#[tokio::test]
async fn whether_a_list_comes_is_said_by_the_form_of_a_filter() {
    for (filter, output) in [
        (".[]", "[1]"),
        (".[0]", "1"),
        ("map(.)", "[1]"),
        ("[.[]]", "[1]"),
        ("{a: .[]}", r#"[{"a":1}]"#),
        (".[] as $x | $x", "[1]"),
        ("def f: .[]; f", "[1]"),
        ("first(.[])", "1"),
        ("..", "[[1],1]"),
        ("if true then .[] else 0 end", "[1]"),
        ("reduce .[] as $x (0; . + $x)", "1"),
        ("foreach .[] as $x (0; . + $x)", "[1]"),
    ] {
        assert_eq!(run(filter, "[1]").await.unwrap(), output, "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_refused_with_its_place() {
    for (filter, message, at) in [
        (".[", "expected closing bracket, found its end", 2..2),
        (".a | nosuch(1)", "there is no filter `nosuch`", 5..11),
        (". as $x | $y", "there is no variable `$y`", 10..12),
        ("$ENV", "there is no variable `$ENV`", 0..4),
        ("input", "there is no filter `input`", 0..5),
    ] {
        let error = Filter::load(filter).unwrap_err();
        assert_eq!((error.message.as_str(), error.at.clone()), (message, at), "{filter}: {error:?}");
    }
    assert!(Filter::load(r#"import "a" as a; ."#).is_err());
    assert!(Filter::load(&".".repeat(LONGEST + 1)).is_err());
}

#[test]
fn a_filter_of_nothing_but_brackets_costs_no_stack_of_ours() {
    for (open, close) in [("[", "]"), ("(", ")"), ("-", ""), (".|", "."), ("{a:", "}"), ("if 1 then ", "")] {
        let count = LONGEST / (open.len() + close.len());
        let _ = Filter::load(&format!("{}1{}", open.repeat(count - 1), close.repeat(count - 1)));
    }
}

#[tokio::test]
async fn nothing_outside_of_the_value_is_reached() {
    for filter in ["env", "env.PATH", "halt", "halt_error", "\"x\" | halt_error(1)"] {
        let Err(RunError::Failed(message)) = run(filter, "null").await else { panic!("{filter}") };
        assert!(message.contains("not available"), "{filter}: {message}");
    }
    assert_eq!(run("debug, stderr", "1").await.unwrap(), "[1,1]");
}

/// Filters that never end, or would fill the memory of any machine, and the input that they do it with.
const BOMBS: &[&str] = &[
    "last(range(1e12))",
    "[range(1e12)]",
    "[limit(1e12; repeat(1))] | length",
    "def f: f; f",
    "def f: 1 + f; f",
    "def f: [f]; f",
    "def f(x): f(x | x); f(.)",
    "until(false; .)",
    "[recurse(.)]",
    "last(recurse(. + 1))",
    "reduce range(1e12) as $x (0; . + 1)",
    "last(foreach range(1e12) as $x (0; . + 1))",
    "\"x\" * 1e12",
    "reduce range(60) as $i (\"x\"; . + .) | length",
    "reduce range(60) as $i ([1]; . + .) | length",
    "reduce range(60) as $i (\"\\\"\"; tojson) | length",
    "reduce range(200) as $i (1; [., .]) | tojson | length",
    "reduce range(200) as $i (1; [., .])",
    "reduce range(200) as $i (1; [., .]) | last(..)",
    "reduce range(200) as $i (1; [., .]) | . == (. | map(.))",
    "reduce range(200) as $i (1; {a: ., b: .}) | \"\\(.)\"",
    "reduce range(200) as $i (1; [., .]) | error",
    "reduce range(1e7) as $i (null; [.])",
    "reduce range(1e7) as $i (null; {a: .})",
    "[range(1e5)] | combinations(5)",
    "[range(300) | [range(300)]] | [combinations] | length",
    "try last(range(1e12)) catch 1",
    "def f: try f catch f; f",
    "label $out | foreach repeat(1) as $x (0; . + $x; if . < 0 then break $out else empty end)",
    "[splits(\"\"; null)] | until(false; . + .)",
    "\"a\" * 200000 | [match(\"(a*)*b\"; \"g\")]",
    "\"a\" * 200000 | gsub(\"\"; \"aaaaaaaaaa\") | gsub(\"\"; \"aaaaaaaaaa\")",
    "\"[\" * 100000 | fromjson",
    "[range(1e5)] | sort_by([range(1e5)])",
    "reduce range(100) as $i (\"<\"; @html) | length",
    "path(repeat(.a))",
    "getpath([range(1e6)])",
    "setpath([range(1e5) | \"a\"]; 1)",
    "[paths(..)] | until(false; .)",
    ". as [$a] | [$a, .] | until(false; [.])",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_filter_runs_on() {
    for filter in BOMBS {
        let begin = clock::now();
        let result = run(filter, "[[1]]").await;
        let took = clock::now() - begin;
        // What ends by itself with a failure is fine too.
        assert!(result.as_ref().map_or(true, |text| text.len() < 1 << 20), "{filter}");
        assert_ne!(result, Err(RunError::Broken), "{filter}");
        println!("{took:>10.1?} {result:.60?} {filter}");
    }
}

#[tokio::test]
async fn a_large_input_that_cannot_be_held_is_refused() {
    let nested = "[".repeat(1000) + &"]".repeat(1000);
    assert_eq!(run(".", &nested).await, Err(RunError::Exceeded(Exceeded::Depth)));
    let many = format!("[{}1]", "1,".repeat(4 << 20));
    // Read without optimisation, time may be over before memory.
    assert!(matches!(run("length", &many).await, Err(RunError::Exceeded(Exceeded::Memory | Exceeded::Time))));
    // What ran before takes nothing from what runs after.
    for _ in 0..20 {
        assert_eq!(run("length", &format!("[{}1]", "1,".repeat(1 << 18))).await.unwrap(), "262145");
    }
}

#[tokio::test]
async fn a_filter_that_nobody_waits_for_ends() {
    let filter = Arc::new(Filter::load("last(range(1e12))").unwrap());
    let running = filter.run(Bytes::from_static(b"null"));
    assert!(tokio::time::timeout(Duration::from_millis(20), running).await.is_err());
    // All places are free again at once: four more are over before one of them could have waited for the first.
    let (a, b, c, d) = tokio::join!(run(".", "1"), run(".", "2"), run(".", "3"), run(".", "4"));
    assert_eq!([a, b, c, d].map(Result::unwrap), ["1", "2", "3", "4"]);
}
