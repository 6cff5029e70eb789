use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::*;
use crate::tasks;

/// How long a client may take here.
const PATIENCE: Duration = Duration::from_secs(300);

struct Channel(UnboundedSender<Bytes>);

impl Outlet for Channel {
    fn send(&self, message: Bytes) -> bool {
        self.0.send(message).is_ok()
    }
}

/// A line, the questions of its client, and what the client is sent.
fn client() -> (Line, Arc<Questions>, UnboundedReceiver<Bytes>) {
    let (sender, sent) = mpsc::unbounded_channel();
    let questions = Arc::new(Questions::default());
    (Line::asking(Arc::new(Channel(sender)), Arc::clone(&questions)), questions, sent)
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn reply(id: &Value, result: Option<&Value>) -> Reply {
    Reply { id: id.to_string().into(), result: result.map(raw) }
}

async fn next(sent: &mut UnboundedReceiver<Bytes>) -> Value {
    serde_json::from_slice(&sent.recv().await.unwrap()).unwrap()
}

type Asking = tokio::task::JoinHandle<Result<Box<RawValue>, AskError>>;

/// Asks on a task of its own; gives the question as the client sees it.
async fn ask(line: &Line, sent: &mut UnboundedReceiver<Bytes>) -> (Asking, Value) {
    let line = line.clone();
    let asking = tasks::spawn("test question", async move {
        line.ask("elicitation/create", &raw(&json!({"message": "Which?"})), PATIENCE).await
    });
    let question = next(sent).await;
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], "Which?");
    (asking, question)
}

#[tokio::test]
async fn an_answer_goes_to_the_question_with_its_id() {
    let (line, questions, mut sent) = client();
    let (first, one) = ask(&line, &mut sent).await;
    let (second, two) = ask(&line, &mut sent).await;
    questions.answer(reply(&two["id"], Some(&json!({"n": 2}))));
    questions.answer(reply(&one["id"], Some(&json!({"n": 1}))));
    assert_eq!(first.await.unwrap().unwrap().get(), r#"{"n":1}"#);
    assert_eq!(second.await.unwrap().unwrap().get(), r#"{"n":2}"#);
}

#[tokio::test]
async fn the_answer_of_another_client_is_nobodys() {
    let (line, questions, mut sent) = client();
    let (_, others, _) = client();
    let (asking, question) = ask(&line, &mut sent).await;
    others.answer(reply(&question["id"], Some(&json!({"foreign": true}))));
    for guess in [json!(1), json!("toolgate-00000000000000000000000000000000"), json!("")] {
        questions.answer(reply(&guess, Some(&json!({"guessed": true}))));
    }
    questions.answer(reply(&question["id"], Some(&json!({}))));
    assert_eq!(asking.await.unwrap().unwrap().get(), "{}");
}

#[tokio::test]
async fn ids_are_long_and_never_the_same() {
    let (line, _questions, mut sent) = client();
    let (_one, first) = ask(&line, &mut sent).await;
    let (_two, second) = ask(&line, &mut sent).await;
    let id = first["id"].as_str().unwrap();
    assert_eq!(id.len(), "toolgate-".len() + 32);
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test(start_paused = true)]
async fn what_became_of_a_question_without_an_answer_is_told_apart() {
    let (line, questions, mut sent) = client();
    let (refused, question) = ask(&line, &mut sent).await;
    questions.answer(reply(&question["id"], None));
    assert_eq!(refused.await.unwrap().unwrap_err(), AskError::Refused);

    let (late, question) = ask(&line, &mut sent).await;
    assert_eq!(late.await.unwrap().unwrap_err(), AskError::Deadline);
    let withdrawn = next(&mut sent).await;
    assert_eq!(withdrawn["method"], "notifications/cancelled");
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);

    let (gone, _) = ask(&line, &mut sent).await;
    questions.abandon();
    assert_eq!(gone.await.unwrap().unwrap_err(), AskError::Gone);

    drop(sent);
    assert_eq!(line.ask("ping", &raw(&json!({})), PATIENCE).await.unwrap_err(), AskError::Gone);
    assert_eq!(Line::default().ask("ping", &raw(&json!({})), PATIENCE).await.unwrap_err(), AskError::NoWay);
}

#[tokio::test]
async fn a_question_that_is_dropped_is_withdrawn() {
    let (line, questions, mut sent) = client();
    let (asking, question) = ask(&line, &mut sent).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_eq!(next(&mut sent).await["params"]["requestId"], question["id"]);
    assert!(questions.open().is_empty());
}

#[tokio::test]
async fn a_client_is_not_asked_without_end() {
    let (line, _questions, mut sent) = client();
    let mut asked = Vec::new();
    for _ in 0..MOST_OPEN {
        asked.push(ask(&line, &mut sent).await);
    }
    assert_eq!(line.ask("ping", &raw(&json!({})), PATIENCE).await.unwrap_err(), AskError::NoWay);
}
