//! Limits of callers: refused at once, and told when to come back.

use serde_json::json;

use crate::support::gateway::Setup;
use crate::support::mcp::ERAS;
use crate::support::upstream::Upstream;

#[tokio::test]
async fn a_caller_who_calls_too_often_is_told_when_to_come_back() {
    for era in ERAS {
        let upstream = Upstream::echo().await;
        let gateway_file =
            format!("gateway: shop\nbase_url: {}\nendpoints: {{find: {{request: GET /}}}}\n", upstream.url());
        let server_file = "limits: {per_caller: {requests: 10, per: 1h, burst: 2}}\n";
        let setup = Setup::new().source("shop.yaml", gateway_file).file("server.yaml", server_file);
        let gateway = setup.arguments(["--config", "server.yaml"]).serve().await;
        let mut client = gateway.client(era).await;
        for _ in 0..2 {
            client.call("find", json!({})).await.success();
        }
        let refused = client.call("find", json!({})).await;
        assert_eq!(refused.code(), "rate_limited");
        let seconds = refused.retry_after().unwrap();
        assert!((300..=360).contains(&seconds), "{seconds}");
        assert_eq!(client.tools().await.len(), 1, "lists cost nothing");
        assert_eq!(upstream.ledger().len(), 2);
    }
}
