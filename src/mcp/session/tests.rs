use super::*;

const ME: Visitor<'static> = Visitor { principal: "key:me", place: "/mcp" };
const IDLE: Duration = Duration::from_secs(60);

#[test]
fn a_session_is_found_by_its_owner_at_its_endpoint_alone() {
    let sessions = Sessions::new(10, IDLE);
    let id = sessions.open(Session::default(), ME);
    assert!(sessions.find(&id, ME).is_some());
    for stranger in [Visitor { principal: "key:you", ..ME }, Visitor { place: "/mcp/shop", ..ME }] {
        assert!(sessions.find(&id, stranger).is_none());
        assert!(!sessions.end(&id, stranger));
    }
    assert!(sessions.end(&id, ME));
    assert!(!sessions.end(&id, ME));
    assert!(sessions.find(&id, ME).is_none());
}

#[test]
fn ids_are_128_bits_of_visible_ascii_and_written_in_one_way() {
    let sessions = Sessions::new(1000, IDLE);
    let ids: std::collections::HashSet<_> =
        (0..1000).map(|_| sessions.open(Session::default(), ME)).collect();
    assert_eq!(ids.len(), 1000);
    for id in ids {
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        for other in [id.to_uppercase(), format!(" {id}"), format!("+{}", &id[1..]), format!("0{id}")] {
            assert!(other == id || sessions.find(&other, ME).is_none(), "{other}");
        }
        assert!(sessions.find(&id, ME).is_some());
    }
    for guess in ["", "0", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff"] {
        assert!(sessions.find(guess, ME).is_none(), "{guess}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_idle_for_long_is_forgotten_unless_it_is_in_use() {
    let sessions = Sessions::new(10, IDLE);
    let (idle, used) = (sessions.open(Session::default(), ME), sessions.open(Session::default(), ME));
    let streaming = sessions.find(&sessions.open(Session::default(), ME), ME).unwrap().in_use();
    for _ in 0..3 {
        tokio::time::advance(IDLE / 2).await;
        assert!(sessions.find(&used, ME).is_some());
    }
    assert!(sessions.find(&idle, ME).is_none());
    assert_eq!(sessions.table().entries.len(), 2);
    drop(streaming);
    tokio::time::advance(IDLE).await;
    assert!(sessions.find(&used, ME).is_none());
    assert!(sessions.table().entries.is_empty());
    assert!(sessions.table().order.is_empty());
}

#[test]
fn the_longest_idle_goes_for_the_next_and_what_is_in_use_stays() {
    let sessions = Sessions::new(3, IDLE);
    let ids = [0; 3].map(|_| sessions.open(Session::default(), ME));
    let first = sessions.find(&ids[0], ME).unwrap().in_use();
    sessions.find(&ids[1], ME).unwrap();
    let fourth = sessions.open(Session::default(), ME);
    let there = |id: &str| sessions.find(id, ME).is_some();
    assert_eq!([&ids[0], &ids[1], &ids[2], &fourth].map(|id| there(id)), [true, true, false, true]);
    drop(first);
    for _ in 0..100 {
        sessions.open(Session::default(), ME);
    }
    assert_eq!(sessions.table().entries.len(), 3);
    assert_eq!(sessions.table().order.len(), 3);
}

#[test]
fn when_all_are_in_use_there_is_still_room_for_one_more() {
    let sessions = Sessions::new(2, IDLE);
    let ids = [0; 2].map(|_| sessions.open(Session::default(), ME));
    let _all = ids.each_ref().map(|id| sessions.find(id, ME).unwrap().in_use());
    let third = sessions.open(Session::default(), ME);
    assert!(sessions.find(&third, ME).is_some());
    assert_eq!(sessions.table().entries.len(), 2);
}

#[tokio::test]
async fn a_call_is_cancelled_by_its_id_in_its_own_session_alone() {
    let (mine, yours) = (Arc::new(Session::default()), Arc::new(Session::default()));
    let (call, other) = (mine.begin("1"), yours.begin("1"));
    mine.cancel("\"1\"");
    assert!(!call.cancelled.is_cancelled());
    mine.cancel("1");
    call.cancelled().await;
    assert!(!other.cancelled.is_cancelled());

    let (earlier, later) = (mine.begin("2"), mine.begin("2"));
    drop(earlier);
    mine.cancel("2");
    assert!(later.cancelled.is_cancelled());
    drop((call, later));
    assert!(mine.running().is_empty());
    assert_eq!(mine.users.load(Ordering::Relaxed), 0);
}
