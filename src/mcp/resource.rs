//! `resources/list`, `resources/templates/list` and `resources/read`.

use bytes::Bytes;

use super::answer::{Answer, open_result_with};
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::list::ListKind;
use super::message::{Id, Request};
use super::offer::{Offered, Step};
use super::work::Job;
use super::{Server, ServerOptions, json, modern, outcome};
use crate::call::offer::{Contents, Data, Reading, read};

impl Server {
    /// `resources/list`
    pub(super) fn resources(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Answer, ProtocolError> {
        let whole = context.view.offered.resources.as_ref();
        self.offers(ListKind::Resources, request, era, context, (whole, &context.catalog.offers().resources))
    }

    /// `resources/templates/list`
    pub(super) fn resource_templates(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Answer, ProtocolError> {
        let whole = context.view.offered.templates.as_ref();
        self.offers(ListKind::Templates, request, era, context, (whole, &context.catalog.offers().templates))
    }

    /// `resources/read`: at once where the content is here, else work.
    pub(super) fn read(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Received, ProtocolError> {
        let fault = |fault| ProtocolError::param("uri", fault);
        let uri = request.params.uri.ok_or(fault(ParamFault::Missing))?;
        let uri = json::string(uri.get()).ok_or(fault(ParamFault::NotAString))?;
        let found = read(context.catalog, context.view, &uri);
        let (gateway, reading) =
            found.map_err(|error| self.unknown(request, context, ("resource", &uri), error.into()))?;
        self.offered(request, era, context, (gateway, "resource", &uri), || {
            Ok(match reading? {
                Reading::Done(contents) => Step::Answer(answer(request.id, era, contents, &self.options)),
                reading => {
                    let asker = super::offer::asker(request, context, reading.caller_headers());
                    let options = self.options.clone();
                    Step::Job(Job::Read(Box::new(Offered { asker, options, what: reading })))
                }
            })
        })
    }
}

/// The result of `resources/read`.
pub(super) fn answer(id: Id<'_>, era: Era, contents: Contents, options: &ServerOptions) -> Answer {
    let Contents { uri, mime_type, data, meta, fixed } = contents;
    let room = match &data {
        Data::Text(text) => text.len() + text.len() / 4,
        Data::Blob(bytes) => bytes.len().div_ceil(3) * 4,
    };
    let mut head = open_result_with(id, era, room + 256, &meta);
    if era == Era::Modern {
        // What the API has is asked for each time; what may be reused of it is kept on this side.
        let fresh = ServerOptions { list_ttl: std::time::Duration::ZERO, ..options.clone() };
        head.extend_from_slice(modern::caching(if fixed { options } else { &fresh }, fixed).as_bytes());
        head.push(b',');
    }
    head.extend_from_slice(b"\"contents\":[{\"uri\":");
    json::push_string(&mut head, uri.as_bytes());
    outcome::push_member(&mut head, "mimeType", mime_type.as_deref());
    match data {
        Data::Text(text) => {
            head.extend_from_slice(b",\"text\":");
            json::push_string(&mut head, &text);
        }
        Data::Blob(bytes) => {
            head.extend_from_slice(b",\"blob\":\"");
            outcome::push_base64(&mut head, &bytes);
            head.push(b'"');
        }
    }
    Answer::with_tail(head, Bytes::new(), b"}]}}")
}
