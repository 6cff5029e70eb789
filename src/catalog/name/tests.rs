use super::*;
use crate::catalog::fixture;

fn wish(id: Option<&str>, method: &str, path: &str) -> Wish {
    let mut operation = fixture::operation(method, path);
    operation.id = id.map(str::to_owned);
    Wish::of(&operation, "")
}

fn name(id: Option<&str>, method: &str, path: &str) -> String {
    assign(&[wish(id, method, path)]).remove(0)
}

#[test]
fn a_legal_operation_id_is_the_name() {
    for id in ["listPets", "list-pets", "_pets_9", "X".repeat(64).as_str()] {
        assert_eq!(name(Some(id), "GET", "/pets"), id);
    }
}

#[test]
fn an_operation_id_that_is_not_legal_is_made_so() {
    assert_eq!(name(Some("issues/list-for-repo"), "GET", "/x"), "issues_list-for-repo");
    assert_eq!(name(Some("List the user's pets (v2)."), "GET", "/x"), "List_the_users_pets_v2");
    assert_eq!(name(Some("pets.list.all"), "GET", "/x"), "pets_list_all");
    assert_eq!(name(Some("動物"), "GET", "/pets"), "get_pets");
    assert_eq!(name(Some(""), "GET", "/pets"), "get_pets");
}

#[test]
fn without_operation_id_method_and_path_are_the_name() {
    assert_eq!(name(None, "GET", "/users/{id}/posts/{post_id}"), "get_users_posts_by_post_id");
    assert_eq!(name(None, "DELETE", "/repos/{owner}/{repo}"), "delete_repos_by_owner_repo");
    assert_eq!(name(None, "GET", "/files/{id}.json"), "get_files_id_json");
    assert_eq!(name(None, "GET", "/{id}"), "get_by_id");
    assert_eq!(name(None, "GET", "/"), "get");
    assert_eq!(name(None, "POST", "/responses?beta=true"), "post_responses_beta_true");
}

#[test]
fn a_long_name_is_shortened_readably() {
    let id = "actions/list-selected-repositories-enabled-github-actions-organization";
    let short = name(Some(id), "GET", "/x");
    assert!(short.len() <= 40, "{short}");
    assert!(short.starts_with("acti_list_sele_repo_enab_gith_orga_"), "{short}");
    let other = "orgs/list-attestations-by-bulk-subject-digests-x";
    assert_eq!(name(Some(other), "GET", "/x"), other.replace('/', "_"));
    let short = name(Some(&format!("{other}y")), "GET", "/x");
    assert!(short.starts_with("orgs_list_attes_bulk_subje_dige_xy_"), "{short}");
    assert_ne!(name(Some(id), "GET", "/x"), name(Some(id), "GET", "/y"));
    let long = name(Some(&"a".repeat(300)), "GET", "/x");
    assert_eq!(long.len(), 40);
}

#[test]
fn none_of_two_operations_keeps_a_name_that_both_want() {
    let wishes =
        [wish(Some("get"), "GET", "/a"), wish(Some("get"), "GET", "/b"), wish(Some("get."), "GET", "/c")];
    let names = assign(&wishes);
    assert!(names.iter().all(|name| name.starts_with("get_") && name.len() == 9), "{names:?}");
    let mut backwards = wishes.to_vec();
    backwards.reverse();
    let mut others = assign(&backwards);
    others.reverse();
    assert_eq!(names, others);
    assert_eq!(names, assign(&[wishes.to_vec(), vec![wish(Some("get"), "GET", "/d")]].concat())[..3]);
}

#[test]
fn a_document_that_grows_renames_nothing() {
    let long = "a/long-name-of-an-operation-that-has-to-be-shortened-to-be-a-name-at-all";
    let before = vec![
        wish(Some("listPets"), "GET", "/pets"),
        wish(Some("get"), "GET", "/a"),
        wish(Some("get"), "GET", "/b"),
        wish(Some(long), "GET", "/long"),
        wish(None, "GET", "/pets/{id}"),
        wish(Some("pets/create"), "POST", "/pets"),
    ];
    let added = vec![
        wish(Some("listCats"), "GET", "/cats"),
        wish(Some("get"), "GET", "/0"),
        wish(Some("get."), "GET", "/z"),
        wish(Some(long), "GET", "/longer"),
        wish(None, "GET", "/pets/{id}/toys"),
        wish(Some("cats/create"), "POST", "/cats"),
    ];
    let names = assign(&before);
    for at in 0..=before.len() {
        let mut grown = before.clone();
        grown.splice(at..at, added.clone());
        let mut after = assign(&grown);
        after.drain(at..at + added.len());
        assert_eq!(after, names, "added at {at}");
    }
}

#[test]
fn the_same_operation_twice_still_has_two_names() {
    let wishes = vec![wish(Some("get"), "GET", "/a"); 3];
    let names = assign(&wishes);
    assert_eq!(names.iter().collect::<FxHashSet<_>>().len(), 3);
    assert!(names.iter().all(|name| is_legal(name)));
}

#[test]
fn a_prefix_counts() {
    let mut wish = wish(Some(&"x".repeat(64)), "GET", "/a");
    wish.prefix = format!("{}_", "g".repeat(32));
    let name = wish.plain();
    assert_eq!(name.len(), 64);
    assert!(is_legal(&name));
}

proptest::proptest! {
    #[test]
    fn names_are_legal_and_different(ids in proptest::collection::vec(proptest::option::of(".{0,80}"), 1..20)) {
        let wishes: Vec<_> = ids.iter().map(|id| wish(id.as_deref(), "GET", "/a/{b}")).collect();
        let names = assign(&wishes);
        proptest::prop_assert!(names.iter().all(|name| is_legal(name)));
        proptest::prop_assert_eq!(names.iter().collect::<FxHashSet<_>>().len(), names.len());
    }
}
