//! Keys of AWS.

use super::secret::{self, SecretFile};
use crate::config::gateway::{Credential, SigV4};
use crate::config::resolver::Resolver;
use crate::config::text::Literal;
use crate::config::written::{Optional, Required, written};

written! {
    /// Keys of AWS, with which each request is signed (Signature Version 4).
    #[schemars(inline)]
    pub(in crate::config) struct SigV4File<'t> {
        /// Access key id.
        #[schemars(extend("examples" = ["${AWS_ACCESS_KEY_ID}"]))]
        access_key_id: Required<'t, SecretFile<'t>>,
        /// Secret access key.
        #[schemars(extend("examples" = ["${AWS_SECRET_ACCESS_KEY}"]))]
        secret_access_key: Required<'t, SecretFile<'t>>,
        /// Session token, of temporary keys.
        #[schemars(extend("examples" = ["${AWS_SESSION_TOKEN:-}"]))]
        session_token: Optional<'t, SecretFile<'t>>,
        /// The region that is called.
        #[schemars(extend("examples" = ["eu-central-1"]))]
        region: Required<'t, Literal<'t>>,
        /// The service that is called: `execute-api` for API Gateway, `lambda` for function URLs, `s3`, `es` …
        #[schemars(extend("examples" = ["execute-api"]))]
        service: Required<'t, Literal<'t>>,
    }
}

pub(super) fn resolve(file: &SigV4File<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    if let (Some(written), false) = (&file.region.0, cfg!(feature = "sigv4")) {
        let message = "this toolgate was built without `sigv4`";
        resolver.problem(written.slot.invalid(message).help("build it with the feature `sigv4`"));
        return None;
    }
    let access_key_id = file.access_key_id.0.as_ref().and_then(|key| secret::wanted(key, resolver));
    let secret_access_key = file.secret_access_key.0.as_ref().and_then(|key| secret::wanted(key, resolver));
    let session_token = match &file.session_token {
        Some(token) => {
            let token = secret::resolve(&token.value, token.slot, resolver)?;
            (!token.declined).then_some(token.secret)
        }
        None => None,
    };
    Some(Credential::SigV4(Box::new(SigV4 {
        access_key_id: access_key_id?.secret,
        secret_access_key: secret_access_key?.secret,
        session_token,
        region: file.region.0.as_ref()?.value.0.to_owned(),
        service: file.service.0.as_ref()?.value.0.to_owned(),
    })))
}
