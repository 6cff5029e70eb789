//! Path templates and the parameters that fill them.
//!
//! Every variable of a template has a parameter afterwards, and every path parameter a variable: a request with a
//! hole in its path cannot be sent.

use std::rc::Rc;

use super::Reader;
use super::parameter::{Declared, TypedParameter, synthesised};
use super::path::PathItem;
use crate::diagnostic::Code;
use crate::openapi::operation::Location;
use crate::openapi::template::PathTemplate;
use crate::source::Place;

impl<'d> Reader<'d> {
    /// The parameters that are declared, brought in line with the template.
    pub(super) fn with_variables(
        &mut self,
        item: &PathItem<'d>,
        template: &mut PathTemplate,
        declared: &Declared<'d>,
    ) -> Vec<Rc<TypedParameter>> {
        let mut parameters = declared.parameters.clone();
        for (key, variable) in template.take_query_variables() {
            self.query_variable(item, &key, &variable, &mut parameters, declared.lost);
        }
        self.colon_variables(item, template, &parameters);
        let variables: Vec<String> = template.variables().map(str::to_owned).collect();
        let is_open = |variable: &&String| !parameters.iter().any(|parameter| is_path(parameter, variable));
        let open: Vec<&String> = variables.iter().filter(is_open).collect();
        for variable in &open {
            self.undeclared(item, variable, open.len() == 1, &variables, &mut parameters, declared.lost);
        }
        parameters.retain(|parameter| {
            let used = parameter.location != Location::Path || variables.contains(&parameter.name);
            if !used {
                self.tell_unused(item, template, parameter);
            }
            used
        });
        parameters
    }

    /// `/search?query={query}`: a variable of the query is a query parameter, however it is declared.
    fn query_variable(
        &mut self,
        item: &PathItem<'d>,
        key: &str,
        variable: &str,
        parameters: &mut Vec<Rc<TypedParameter>>,
        lost: bool,
    ) {
        let names = [key, variable];
        let is_query = |parameter: &Rc<TypedParameter>| parameter.location == Location::Query;
        if let Some(found) =
            parameters.iter_mut().find(|found| is_query(found) && names.contains(&&*found.name))
        {
            *found = Rc::new(TypedParameter { name: key.to_owned(), ..(**found).clone() });
            return;
        }
        let place = Place::new(item.own.tree().source(), item.key_span);
        let in_query = synthesised(key, Location::Query, place);
        if let Some(found) = parameters.iter_mut().find(|found| is_path(found, variable)) {
            let TypedParameter { name, location, encoding, .. } = in_query;
            *found = Rc::new(TypedParameter { name, location, encoding, ..(**found).clone() });
            return;
        }
        self.tell_undeclared(item, variable, lost, None);
        parameters.push(Rc::new(in_query));
    }

    /// `/pets/:id`: a segment is a variable in the spelling of routers when a path parameter of its name is declared.
    fn colon_variables(
        &mut self,
        item: &PathItem<'d>,
        template: &mut PathTemplate,
        parameters: &[Rc<TypedParameter>],
    ) {
        for parameter in parameters.iter().filter(|parameter| parameter.location == Location::Path) {
            let name = &parameter.name;
            if template.take_colon_variable(name) {
                let message = || format!("`:{name}` is read as `{{{name}}}`, the path parameter");
                self.report().once_for(Code::UndeclaredPathParameter, item.own, item.key_span, name, message);
            }
        }
    }

    /// A variable without a parameter: one that is spelled almost like it is meant, or the only one without a
    /// variable for the only variable without one; else a text is asked for.
    fn undeclared(
        &mut self,
        item: &PathItem<'d>,
        variable: &str,
        is_only: bool,
        variables: &[String],
        parameters: &mut Vec<Rc<TypedParameter>>,
        lost: bool,
    ) {
        let is_free = |parameter: &TypedParameter| {
            parameter.location == Location::Path && !variables.contains(&parameter.name)
        };
        let is_only = is_only && parameters.iter().filter(|parameter| is_free(parameter)).count() == 1;
        let means = |parameter: &TypedParameter| is_only || letters(&parameter.name) == letters(variable);
        let meant = parameters.iter_mut().find(|parameter| is_free(parameter) && means(parameter));
        if let Some(parameter) = meant {
            self.tell_undeclared(item, variable, false, Some(&parameter.name));
            *parameter = Rc::new(TypedParameter { name: variable.to_owned(), ..(**parameter).clone() });
            return;
        }
        self.tell_undeclared(item, variable, lost, None);
        let place = Place::new(item.own.tree().source(), item.key_span);
        parameters.push(Rc::new(synthesised(variable, Location::Path, place)));
    }

    fn tell_undeclared(&mut self, item: &PathItem<'d>, variable: &str, told: bool, meant: Option<&str>) {
        if told {
            return;
        }
        let message = || match meant {
            Some(name) => format!("`{{{variable}}}` is declared as `{name}`"),
            None => format!("`{{{variable}}}` is not declared as a path parameter; it takes any text"),
        };
        let code = Code::UndeclaredPathParameter;
        self.report().once_for(code, item.own, item.key_span, variable, message);
    }

    fn tell_unused(&mut self, item: &PathItem<'d>, template: &PathTemplate, parameter: &TypedParameter) {
        let name = &parameter.name;
        let message = || format!("{} has no `{{{name}}}`; the path parameter is left out", template.text());
        let code = Code::UnusedPathParameter;
        self.report().once_for_place(code, item.own, &parameter.place, name, message);
    }
}

fn is_path(parameter: &Rc<TypedParameter>, name: &str) -> bool {
    parameter.location == Location::Path && parameter.name == name
}

/// A name without case and punctuation: `price_margin_id` and `priceMarginId` are one.
fn letters(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
