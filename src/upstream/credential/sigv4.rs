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
