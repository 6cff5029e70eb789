//! A client certificate: that it is one, and that its key belongs to it, is found out when the file is read.

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::secret::{self, Resolved, SecretFile};
use crate::config::gateway::{Credential, Mtls, Secret, SecretPiece};
use crate::config::resolver::Resolver;
use crate::config::written::{Optional, Required, Written, written};

written! {
    /// A certificate that is shown to the API when a connection is made. Each of these is the path of a PEM file,
    /// relative to this one, or the PEM text itself: `${CLIENT_PEM}`. Files are read again when they change.
    #[schemars(inline)]
    pub(in crate::config) struct MtlsFile<'t> {
        /// The client's certificate, and those between it and the one that the API trusts.
        #[schemars(extend("examples" = ["./client.pem"]))]
        certificate: Required<'t, SecretFile<'t>>,
        /// Its private key.
        #[schemars(extend("examples" = ["./client.key"]))]
        key: Required<'t, SecretFile<'t>>,
        /// Certificates of those who may have signed the API's own, instead of those that the system trusts.
        #[schemars(extend("examples" = ["./ca.pem"]))]
        ca: Optional<'t, SecretFile<'t>>,
    }
}

const BEGIN: &str = "-----BEGIN ";

pub(super) fn resolve(file: &MtlsFile<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    let certificate = file.certificate.0.as_ref();
    let (certificate, key) =
        (certificate.and_then(|pem| read(pem, resolver)), pem(file.key.0.as_ref(), resolver));
    let ca = match &file.ca {
        Some(written) => {
            let (ca, text) = read(written, resolver)?;
            if let Some(text) = &text
                && let Err(error) = chain(text)
            {
                resolver.problem(written.slot.invalid(error));
                return None;
            }
            Some(ca)
        }
        None => None,
    };
    let ((certificate, chain), (key, key_text)) = (certificate?, key?);
    if let (Some(chain), Some(key_text)) = (chain, key_text)
        && let Err((at_key, error)) = check(&chain, &key_text)
    {
        let slot = if at_key { file.key.0.as_ref()?.slot } else { file.certificate.0.as_ref()?.slot };
        resolver.problem(slot.invalid(error));
        return None;
    }
    Some(Credential::Mtls(Box::new(Mtls { certificate, key, ca })))
}

fn pem(
    written: Option<&Written<'_, SecretFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Option<(Secret, Option<String>)> {
    read(written?, resolver)
}

/// Where the PEM text comes from, and what it is now. A text that is no PEM is the path of a file with it.
fn read(
    written: &Written<'_, SecretFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<(Secret, Option<String>)> {
    let Resolved { secret, text, .. } = secret::wanted(written, resolver)?;
    let Some(text) = text else { return Some((secret, None)) };
    if text.expose().contains(BEGIN) {
        return Some((secret, Some(text.expose().to_owned())));
    }
    let path = resolver.folder.join(text.expose());
    match resolver.environment.file(&path) {
        Ok(text) => Some((Secret(vec![SecretPiece::File(path)]), Some(text))),
        Err(error) => {
            let diagnostic = written.slot.invalid(format!("the file cannot be read: {error}"));
            resolver.problem(diagnostic.help("write a path relative to this file, or the PEM text itself"));
            None
        }
    }
}

fn chain(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err("there is no certificate in it".to_owned()),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(format!("this is no PEM: {error}")),
    }
}

/// Whether certificate and key are what they should be and belong together; with an error, whether it is the key's.
fn check(certificate: &str, key: &str) -> Result<(), (bool, String)> {
    let chain = chain(certificate).map_err(|error| (false, error))?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|error| (true, format!("there is no private key in it: {error}")))?;
    let key = any_supported_type(&key)
        .map_err(|_| (true, "no TLS can be spoken with a private key of this kind".to_owned()))?;
    match CertifiedKey::new(chain, key).keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            Err((true, "the private key does not belong to the certificate".to_owned()))
        }
        Err(rustls::Error::InvalidCertificate(_)) => Err((false, "this is no certificate".to_owned())),
        // Of some kinds of keys nobody can tell.
        _ => Ok(()),
    }
}
