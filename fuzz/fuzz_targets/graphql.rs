//! GraphQL documents and the bodies that carry them: reading ends and never panics.

#![no_main]

use guard::resolve::{body, graphql};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    graphql::read(text).executed(Some("a"));
    body::json(text);
    for content_type in [None, Some("multipart/form-data"), Some("application/graphql")] {
        for request in body::graphql_requests(text, content_type) {
            let document = graphql::read(&request.document);
            for operation in document.executed(request.operation_name.as_deref()) {
                for argument in operation.fields.iter().flat_map(|field| &field.arguments) {
                    argument.value(&request.variables);
                }
            }
        }
    }
});
