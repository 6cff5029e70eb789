//! `serve` and `mock`: where they listen, what they say of it, and how they end.

use super::*;

#[tokio::test]
async fn serve_says_where_and_keeps_stdout_empty() {
    let gateway = shop().argument("--mock").serve().await;
    let stderr = gateway.stderr();
    let line = stderr.lines().find(|line| line.contains("/mcp")).unwrap();
    let event: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&event["url"], &event["tools"]), (&json!(gateway.url()), &json!(1)));
    let mut client = gateway.client(crate::support::mcp::Era::Modern).await;
    assert_eq!(client.tools().await.len(), 1);
    assert_eq!(gateway.stdout(), "");
}

#[tokio::test]
async fn problems_are_events_where_nobody_watches() {
    let setup = shop().source("broken.json", "{\"openapi\": \"3.1.0\", }").serve().await;
    let stderr = setup.stderr();
    let events: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_code = |code: &str| events.iter().find(|event| event["code"] == code).unwrap();
    assert_eq!(of_code("syntax")["level"], "ERROR");
    assert!(of_code("syntax")["place"].as_str().unwrap().starts_with("broken.json:1:"));
    assert_eq!(of_code("writes-denied")["level"], "INFO");
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_before_anything_is_read() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for verb in ["serve", "mock"] {
        let setup = Setup::new().arguments(["missing.json", "--listen", &address]);
        let (code, stdout, stderr) = run(setup, verb).await;
        assert_eq!((code, stdout.as_str()), (1, ""));
        let told = format!(
            "error: cannot listen on {address}: another program listens there\nhelp: --listen 127.0.0.1:0 takes any free port\n"
        );
        assert_eq!(stderr, told);
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused_unless_insisted_on() {
    for verb in ["serve", "mock"] {
        let (code, stdout, stderr) = run(shop().arguments(["--listen", "0.0.0.0:0"]), verb).await;
        assert_eq!((code, stdout.as_str()), (2, ""));
        assert!(stderr.contains("refusing to listen on 0.0.0.0:0"), "{stderr}");
        assert!(stderr.contains("--insecure"), "{stderr}");
    }
}

/// A verb that runs until it is told to end.
struct Running {
    child: Child,
    stderr: Captured,
    _setup: Setup,
}

impl Running {
    fn start(setup: Setup, arguments: &[&str]) -> Self {
        let mut command: Command = process::command();
        let mut child = command.current_dir(setup.path()).args(arguments).spawn().unwrap();
        let stderr = Captured::of(child.stderr.take().unwrap());
        Self { child, stderr, _setup: setup }
    }

    /// The `url` of the event that says it is ready.
    async fn url(&self) -> String {
        let said = || {
            let text = self.stderr.text();
            let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            events.into_iter().find_map(|event| event["url"].as_str().map(ToOwned::to_owned))
        };
        wait::until("the program to say where it listens", said).await
    }

    #[cfg(unix)]
    async fn signal(&self, name: &str) {
        process::signal(&self.child, name).await;
    }

    #[cfg(unix)]
    async fn exit_code(mut self) -> Option<i32> {
        wait::within("the program to end", self.child.wait()).await.unwrap().code()
    }
}

#[cfg(unix)]
#[tokio::test]
async fn signals_end_what_serves_with_exit_code_0() {
    for verb in ["serve", "mock"] {
        for signal in ["TERM", "INT"] {
            let running = Running::start(shop(), &[verb, "shop.json", "--listen", "0"]);
            running.url().await;
            running.signal(signal).await;
            assert_eq!(running.exit_code().await, Some(0), "{verb} {signal}");
        }
    }
}

#[tokio::test]
async fn the_stand_in_answers_and_refuses() {
    let running = Running::start(shop(), &["mock", "shop.json", "--listen", "0"]);
    let base = running.url().await;
    assert!(base.ends_with("/shop"), "{base}");
    let good = reqwest::get(format!("{base}/orders?limit=2")).await.unwrap();
    assert_eq!(good.json::<Value>().await.unwrap(), json!([{ "id": 1 }]));
    let bad = reqwest::get(format!("{base}/orders?limit=2000&page=1")).await.unwrap();
    assert_eq!(bad.status().as_u16(), 400);
    let problem: Value = bad.json().await.unwrap();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
}
