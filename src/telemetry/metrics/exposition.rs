//! The counts as text, in the form of OpenMetrics 1.0, which Prometheus reads.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::{CACHE, CLASSES, GatewayMetrics, Metrics, Series, ToolMetrics, lock};

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is not counted but is so at a moment.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// Gateways whose API is watched by a breaker, and whether one is open.
    pub breakers: Vec<(Arc<str>, bool)>,
    /// Other figures: name, help, value.
    pub gauges: Vec<(&'static str, &'static str, u64)>,
}

impl Metrics {
    /// All counts as text.
    #[must_use]
    pub fn expose(&self, moment: Moment) -> String {
        let tools = lock(&self.tools);
        let gateways = lock(&self.gateways);
        let snapshot = Snapshot {
            tools: tools
                .iter()
                .filter_map(|(series, tool)| Some((series.clone(), tool.upgrade()?)))
                .collect(),
            gateways: gateways
                .iter()
                .filter_map(|(name, gateway)| Some((Arc::clone(name), gateway.upgrade()?)))
                .collect(),
            reloads: [
                ("good", self.reloads_good.load(Ordering::Relaxed)),
                ("bad", self.reloads_bad.load(Ordering::Relaxed)),
            ],
            moment,
        };
        drop((tools, gateways));
        let mut registry = Registry::with_prefix("toolgate");
        registry.register_collector(Box::new(snapshot));
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _written = text::encode(&mut text, &registry);
        text
    }
}

/// The counts of one scrape.
#[derive(Debug)]
struct Snapshot {
    tools: Vec<(Series, Arc<ToolMetrics>)>,
    gateways: Vec<(Arc<str>, Arc<GatewayMetrics>)>,
    reloads: [(&'static str, u64); 2],
    moment: Moment,
}

/// Labels of one series.
type Labels<'a> = Vec<(&'a str, &'a str)>;

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.calls(&mut encoder)?;
        self.durations(&mut encoder)?;
        self.requests(&mut encoder)?;
        self.traffic(&mut encoder)?;
        self.process(&mut encoder)
    }
}

impl Snapshot {
    fn calls(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut rows: Vec<(Labels<'_>, u64)> = Vec::new();
        for (series, tool) in &self.tools {
            let mut outcomes = vec![("ok", tool.ok.load(Ordering::Relaxed))];
            outcomes.extend(lock(&tool.others).iter().map(|(code, count)| (*code, *count)));
            rows.extend(outcomes.into_iter().filter(|(_, count)| *count > 0).map(|(outcome, count)| {
                let mut labels = labels(series);
                labels.push(("outcome", outcome));
                (labels, count)
            }));
        }
        counter(encoder, "calls", "Calls of tools that are over", rows)
    }

    fn durations(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "How long calls of tools took";
        let mut metric =
            encoder.encode_descriptor("call_duration_seconds", help, None, MetricType::Histogram)?;
        for (series, tool) in &self.tools {
            let observed = tool.durations.observed();
            if observed.count > 0 {
                metric.encode_family(&labels(series))?.encode_histogram::<NoLabelSet>(
                    observed.seconds,
                    observed.count,
                    &observed.buckets,
                    None,
                )?;
            }
        }
        Ok(())
    }

    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let requests = self.split("status", &CLASSES, |gateway| &gateway.requests);
        counter(encoder, "upstream_requests", "Requests to APIs, by class of the answer's status", requests)?;
        let cache = self.split("result", &CACHE, |gateway| &gateway.cache);
        counter(encoder, "cache_answers", "Answers of tools whose answers may be kept", cache)
    }

    fn traffic(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let all = |value: fn(&GatewayMetrics) -> &AtomicU64| -> Vec<(Labels<'_>, u64)> {
            let gateways = self.gateways.iter();
            gateways
                .map(|(name, gateway)| (vec![("gateway", &**name)], value(gateway).load(Ordering::Relaxed)))
                .collect()
        };
        counter(encoder, "upstream_retries", "Requests that were sent again", all(|it| &it.retries))?;
        counter(encoder, "answer_bytes", "Bytes of answers, decoded", all(|it| &it.bytes))?;
        let waited: Vec<(Labels<'_>, f64)> = all(|it| &it.waited)
            .into_iter()
            .map(|(labels, nanoseconds)| (labels, std::time::Duration::from_nanos(nanoseconds).as_secs_f64()))
            .collect();
        let help = "Time that requests to APIs waited for their turn";
        let mut metric = encoder.encode_descriptor("wait_seconds", help, None, MetricType::Counter)?;
        for (labels, seconds) in waited {
            ConstCounter::new(seconds).encode(metric.encode_family(&labels)?)?;
        }
        gauge(encoder, "calls_in_flight", "Calls of tools that run", all(|it| &it.in_flight))?;
        gauge(encoder, "requests_waiting", "Requests that wait for their turn", all(|it| &it.waiting))?;
        let breakers = self.moment.breakers.iter();
        let open = breakers.map(|(name, open)| (vec![("gateway", &**name)], u64::from(*open))).collect();
        gauge(encoder, "breaker_open", "1 when an API fails and is left alone", open)
    }

    fn process(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let reloads =
            self.reloads.iter().map(|(result, count)| (vec![("result", *result)], *count)).collect();
        counter(encoder, "reloads", "Reloads; after a bad one something is served as before", reloads)?;
        for (name, help, value) in &self.moment.gauges {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(*value).encode(metric)?;
        }
        let build = vec![(vec![("version", env!("CARGO_PKG_VERSION"))], 1)];
        gauge(encoder, "build_info", "The version of toolgate", build)
    }

    /// Rows of what each gateway counts apart.
    fn split<'a, const N: usize>(
        &'a self,
        label: &'a str,
        words: &'a [&'a str; N],
        counts: fn(&GatewayMetrics) -> &[AtomicU64; N],
    ) -> Vec<(Labels<'a>, u64)> {
        let rows = self.gateways.iter().flat_map(|(name, gateway)| {
            words.iter().zip(counts(gateway)).map(move |(word, count)| {
                (vec![("gateway", &**name), (label, *word)], count.load(Ordering::Relaxed))
            })
        });
        rows.filter(|(_, count)| *count > 0).collect()
    }
}

fn labels((gateway, tool): &Series) -> Labels<'_> {
    let mut labels = vec![("gateway", &**gateway)];
    labels.extend(tool.as_deref().map(|tool| ("tool", tool)));
    labels
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: Vec<(Labels<'_>, u64)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in rows {
        ConstCounter::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: Vec<(Labels<'_>, u64)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in rows {
        ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}
