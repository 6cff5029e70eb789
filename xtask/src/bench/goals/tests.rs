use super::*;

fn table(name: &str, measure: Measure, rows: &[(&str, f64)]) -> Table {
    let rows =
        rows.iter().map(|(name, figure)| ((*name).to_owned(), vec![Figures::of([(measure, *figure)])]));
    Table { name: name.to_owned(), rows: rows.collect(), ..Table::default() }
}

fn word(tables: &[Table], what: &str) -> (String, String) {
    let all = verdicts(tables);
    let verdict = all.iter().find(|verdict| verdict.what.starts_with(what)).expect("the goal is there");
    (verdict.word(), verdict.shown.clone())
}

#[test]
fn a_goal_is_met_by_the_limit_itself_and_missed_beyond_it() {
    let at = |figure| [table("call-1", P50, &[("toolgate", figure), ("nginx", 100.0)])];
    assert_eq!(word(&at(125.0), "p50 of a call"), ("met".into(), "1.25 ×".into()));
    assert_eq!(word(&at(126.0), "p50 of a call"), ("missed".into(), "1.26 ×".into()));
    assert_eq!(word(&[], "p50 of a call"), ("not measured".into(), String::new()));
}

#[test]
fn a_goal_of_several_figures_says_how_many_hold() {
    let rate = |name, ours| table(name, Rate, &[("toolgate", ours), ("ceiling", 100.0)]);
    let tables = [rate("call-16", 80.0), rate("call-64", 79.0)];
    assert_eq!(word(&tables, "calls/s"), ("1 of 2".into(), "0.80, 0.79 ×".into()));
}

#[test]
fn memory_is_told_in_millions_of_bytes_and_less_what_was_there_before() {
    let tables = [
        table("call-256", Memory, &[("toolgate", 50_000.0)]),
        table("call-rest", Memory, &[("toolgate", 10_000.0)]),
    ];
    assert_eq!(word(&tables, "memory under 256"), ("missed".into(), "41.0 MB".into()));
}

#[test]
fn growth_is_that_for_each_further_one() {
    let [two, four, eight] = DOUBLED;
    let cpu = |figures: [f64; 3]| {
        [table("scaling-load", StartCpu, &[(two, figures[0]), (four, figures[1]), (eight, figures[2])])]
    };
    let what = "CPU of a start for each further";
    assert_eq!(word(&cpu([25.0, 45.0, 85.0]), what), ("met".into(), "1.00 ×".into()));
    assert_eq!(word(&cpu([4.0, 16.0, 64.0]), what), ("missed".into(), "2.00 ×".into()));
}

#[test]
fn the_goals_of_a_page_are_written_anew_between_its_markers() {
    let folder = std::env::temp_dir().join(format!("goals-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let page = folder.join("page.md");
    let markers = "<!-- goals: cargo xtask bench --goals -->old<!-- end of goals -->";
    std::fs::write(&page, format!("above {markers} below\n")).unwrap();
    let tables = [table("call-1", P50, &[("toolgate", 126.0), ("nginx", 100.0)])];
    write(&page, "Yesterday.", &verdicts(&tables)).unwrap();
    let written = std::fs::read_to_string(&page).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert!(written.starts_with("above <!-- goals") && written.ends_with("<!-- end of goals --> below\n"));
    assert!(written.contains("| p50 of a call at one connection | ≤ 1.25 × nginx | 1.26 × | missed |"));
    assert!(written.contains("Yesterday.") && !written.contains("old"));
}
