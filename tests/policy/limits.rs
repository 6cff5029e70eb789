//! Limits of callers: refused at once, and told when to come back.

use serde_json::json;

use toolgate::access::NewKey;

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

#[tokio::test]
async fn a_limit_for_each_caller_counts_each_by_himself() {
    for era in ERAS {
        let upstream = Upstream::echo().await;
        let (boss, clerk) = (NewKey::random(), NewKey::random());
        let gateway_file = format!(
            "gateway: shop\nbase_url: {}\nrate_limit: {{requests: 2, per: 1h, burst: 2, for_each: caller}}\n\
             endpoints: {{find: {{request: GET /}}}}\n",
            upstream.url()
        );
        let server_file = format!(
            "access:\n  keys:\n    boss: {{sha256: {}}}\n    clerk: {{sha256: {}}}\n",
            boss.sha256, clerk.sha256
        );
        let setup = Setup::new().source("shop.yaml", gateway_file).file("server.yaml", server_file);
        let gateway = setup.arguments(["--config", "server.yaml"]).serve().await;
        for (key, asked) in [(&boss, 2), (&clerk, 4)] {
            let client = gateway.client(era).await;
            let mut client = client.header("Authorization", &format!("Bearer {}", key.key));
            for _ in 0..2 {
                client.call("find", json!({})).await.success();
            }
            let refused = client.call("find", json!({})).await;
            assert_eq!(refused.code(), "rate_limited");
            assert!(refused.retry_after().unwrap() > 1000);
            assert_eq!(upstream.ledger().len(), asked, "what one has used up the other has not");
        }
    }
}
