//! AWS Signature Version 4, by AWS's own signer.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::proof::{Outgoing, Unsendable};

/// The keys of AWS, as they are now.
pub(crate) struct Keys {
    /// Access key id.
    pub(super) access_key_id: SecretString,
    /// Secret access key.
    pub(super) secret_access_key: SecretString,
    /// Session token, of temporary keys.
    pub(super) session_token: Option<SecretString>,
    /// `eu-central-1`
    pub(super) region: String,
    /// `execute-api`
    pub(super) service: String,
}

impl Keys {
    /// Puts date, session token and signature on the request.
    pub(super) fn sign(&self, request: &mut Outgoing<'_>) -> Result<(), Unsendable> {
        let failed = |_| Unsendable("AWS's signer does not take the request");
        let credentials = Credentials::new(
            self.access_key_id.expose_secret(),
            self.secret_access_key.expose_secret(),
            self.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
            None,
            "toolgate",
        );
        let identity = credentials.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(request.now)
            .settings(self.settings())
            .build()
            .map_err(|_| Unsendable("AWS's signer does not take its keys"))?
            .into();
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let signable = SignableRequest::new(
            request.method.as_str(),
            request.url.as_str(),
            headers.into_iter(),
            SignableBody::Bytes(request.body),
        );
        let signed = sign(signable.map_err(failed)?, &parameters).map_err(failed)?;
        let (instructions, _) = signed.into_parts();
        for (name, value) in instructions.headers() {
            let value = HeaderValue::from_str(value).map(sensitive);
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), value) {
                request.headers.insert(name, value);
            }
        }
        Ok(())
    }

    /// S3 takes paths as they are, and wants the hash of the body in a header.
    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;

    /// The `Authorization` of a request of AWS's published test suite: its keys, date, region and service.
    fn authorization(
        method: &Method,
        url: &str,
        content_type: Option<&'static str>,
        body: &'static str,
    ) -> String {
        let keys = Keys {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
        };
        let (mut url, mut headers) = (Url::parse(url).unwrap(), HeaderMap::new());
        headers
            .extend(content_type.map(|value| (http::header::CONTENT_TYPE, HeaderValue::from_static(value))));
        let mut request = Outgoing {
            method,
            url: &mut url,
            headers: &mut headers,
            body: &Bytes::from_static(body.as_bytes()),
            // 2015-08-30T12:36:00Z
            now: UNIX_EPOCH + Duration::from_secs(1_440_938_160),
        };
        keys.sign(&mut request).unwrap();
        assert_eq!(headers["x-amz-date"], "20150830T123600Z");
        assert!(headers["authorization"].is_sensitive());
        headers["authorization"].to_str().unwrap().to_owned()
    }

    #[test]
    fn signatures_are_those_of_the_published_test_suite() {
        let url = "https://example.amazonaws.com/";
        let form = Some("application/x-www-form-urlencoded");
        let query = format!("{url}?Param1=value1");
        for (method, url, content_type, body, signature) in [
            (Method::GET, url, None, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (Method::POST, url, None, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                Method::GET,
                &query,
                None,
                "",
                "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
            ),
            (
                Method::POST,
                url,
                form,
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ] {
            let authorization = authorization(&method, url, content_type, body);
            assert!(
                authorization.ends_with(&format!("Signature={signature}")),
                "{url} {body}: {authorization}"
            );
            assert!(authorization.contains("AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"));
        }
    }
}
