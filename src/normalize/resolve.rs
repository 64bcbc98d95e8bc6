//! Variables and references: what templates come down to, and who refers to which database.

use std::collections::{HashMap, HashSet};

use crate::document::NodeId;
use crate::finding::Finding;
use crate::layouts::{Found, FoundUse, connection_of_url, is_database_url};
use crate::model::{
    Connection, Database, Key, Origin, Resolution, Role, Selection, Setting, SourceId, SourceKind, Sources, Use, Value,
};
use crate::redact::{self, Secret};
use crate::rules;
use crate::template::{Lookup, Syntax, Template};

/// The variables of an environment, the strongest source first: process, `.env.NAME.local`, `.env.NAME`, `.env`.
pub fn variables(sources: &Sources, environment: Option<&str>) -> Selection {
    let mut strength: Vec<(u8, SourceId)> = Vec::new();
    for (id, source) in sources.iter() {
        match &source.kind {
            SourceKind::Process(_) => strength.push((0, id)),
            SourceKind::Env { environment: Some(name) } if Some(name.as_str()) == environment => {
                strength.push((if source.is_local_override() { 1 } else { 2 }, id));
            }
            SourceKind::Env { environment: None } => strength.push((3, id)),
            _ => {}
        }
    }
    strength.sort_unstable();
    let mut selection = Selection::new();
    for (_, id) in strength {
        let source = sources.get(id);
        if let SourceKind::Process(variables) = &source.kind {
            for (name, text) in variables {
                let value = Value::Secret { text: text.clone(), syntax: Syntax::Verbatim };
                selection.entry(name.clone()).or_insert((value, Origin::Variable { name: name.as_str().into() }));
            }
        }
        let Some(document) = &source.document else { continue };
        for entry in document.roots().iter().flat_map(|root| document.entries(*root).to_vec()) {
            let (Some(name), Some(scalar)) = (document.key(entry), document.scalar(entry.value)) else { continue };
            let single = scalar.style == crate::document::ScalarStyle::SingleQuoted;
            let syntax = if single { Syntax::Verbatim } else { Syntax::Shell };
            let value = Value::Secret { text: Secret::new(scalar.text), syntax };
            selection.entry(name.to_owned()).or_insert((value, Origin::node(id, document, entry.value)));
        }
    }
    selection
}

/// Resolves templates against the variables and the files.
pub(super) struct Resolver<'sources> {
    sources: &'sources Sources,
    variables: &'sources Selection,
    environment: Option<&'sources str>,
    /// Places that refer to a section by `${section.key}`, with the section's name.
    references: Vec<(Origin, String)>,
    reported: HashSet<(SourceId, NodeId)>,
    pub(super) findings: Vec<Finding>,
}

/// The lookup of one value: its own file comes first.
struct Scope<'sources> {
    sources: &'sources Sources,
    variables: &'sources Selection,
    own: Option<SourceId>,
    environment: Option<&'sources str>,
}

impl Lookup for Scope<'_> {
    fn variable(&self, name: &str) -> Option<(String, Syntax)> {
        self.variables.get(name).map(|(value, _)| (value.expose(), value.syntax()))
    }

    fn reference(&self, path: &str) -> Option<(String, Syntax)> {
        let others = self.sources.iter().map(|(id, _)| id).filter(|id| Some(*id) != self.own);
        self.own.into_iter().chain(others).find_map(|id| {
            let source = self.sources.get(id);
            if !matches!(source.kind, SourceKind::Settings { .. }) {
                return None;
            }
            let document = source.document.as_ref()?;
            document.roots().iter().find_map(|root| {
                let overridden = self.environment.and_then(|name| {
                    document.get_path(*root, ["environments", name].into_iter().chain(path.split('.')))
                });
                let node = overridden.or_else(|| document.get_path(*root, path.split('.')))?;
                document.text_of(node).map(|text| (text.to_owned(), Syntax::Braces))
            })
        })
    }
}

impl<'sources> Resolver<'sources> {
    pub(super) fn new(
        sources: &'sources Sources,
        variables: &'sources Selection,
        environment: Option<&'sources str>,
    ) -> Self {
        let (references, reported, findings) = (Vec::new(), HashSet::new(), Vec::new());
        Self { sources, variables, environment, references, reported, findings }
    }

    /// Resolves the values of a definition; a `${DATABASE_URL}` becomes what it leads to.
    pub(super) fn resolve_found(&mut self, found: &mut Found) {
        self.connection(&mut found.connection);
        for member in found.replicas.iter_mut().chain(&mut found.failover).flatten() {
            self.connection(member);
        }
    }

    fn connection(&mut self, connection: &mut Connection) {
        for setting in connection.settings_mut() {
            self.setting(setting);
        }
        let Some(url) = connection.settings.get(Key::Url) else { return };
        let Some(text) = url.effective().filter(|text| is_database_url(text)) else { return };
        let Some(read) = connection_of_url(&text, &url.origin) else { return };
        connection.settings.remove(Key::Url);
        let fields = std::mem::replace(connection, read);
        connection.fill(fields, |_| true);
    }

    /// Resolves one value, and reports what it refers to in vain.
    pub(super) fn setting(&mut self, setting: &mut Setting) {
        let Some(text) = setting.value.as_text().filter(|text| text.contains('$')) else { return };
        let template = Template::parse(text, setting.value.syntax());
        if let Some(literal) = template.literal() {
            if literal != text {
                let text = Secret::new(literal);
                setting.resolution = Some(Box::new(Resolution { text, missing: Vec::new(), used: Vec::new() }));
            }
            return;
        }
        for path in template.references() {
            self.reference(path, &setting.origin);
        }
        let scope = Scope {
            sources: self.sources,
            variables: self.variables,
            own: setting.origin.source(),
            environment: self.environment,
        };
        let resolved = template.resolve(&scope);
        for path in resolved.missing.iter().filter(|path| path.contains('.')) {
            self.dangling(path, &setting.origin);
        }
        let (text, missing, used) = (Secret::new(resolved.text), resolved.missing, resolved.used);
        setting.resolution = Some(Box::new(Resolution { text, missing, used }));
    }

    fn reference(&mut self, path: &str, origin: &Origin) {
        let mut keys = path.rsplit('.').skip(1);
        if let Some(section) = keys.next() {
            self.references.push((origin.clone(), section.to_owned()));
        }
    }

    fn dangling(&mut self, path: &str, origin: &Origin) {
        if let Origin::Node { source, node, .. } = origin
            && !self.reported.insert((*source, *node))
        {
            return;
        }
        let message = format!("`${{{}}}` refers to a key that is not there", redact::show_text(path));
        let help = "name the section and key as they stand in the file";
        self.findings.push(Finding::new(&rules::layout::dangling_reference::INFO, origin.clone(), message).help(help));
    }

    /// Gives each database the places that refer to it. A name may be a section's, an alias of it, or a role's.
    pub(super) fn assign_uses(&mut self, databases: &mut [Database], uses: Vec<FoundUse>) {
        let named = uses.into_iter().map(|found| (found.origin, found.name));
        let mut all: Vec<(Origin, String)> = named.chain(self.references.drain(..)).collect();
        let mut seen = HashSet::new();
        all.retain(|(origin, name)| match origin {
            Origin::Node { source, node, .. } => seen.insert((*source, *node, name.clone())),
            _ => true,
        });
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        let mut by_role: HashMap<&Role, usize> = HashMap::new();
        for (index, database) in databases.iter().enumerate() {
            by_role.entry(&database.role).or_insert(index);
            for name in &database.names {
                by_name.entry(name).or_insert(index);
            }
        }
        let index = |name: &str| by_name.get(name).or_else(|| by_role.get(&Role::of_name(name))).copied();
        let found: Vec<Option<usize>> = all.iter().map(|(_, name)| index(name)).collect();
        for ((origin, name), index) in all.into_iter().zip(found) {
            if let Some(index) = index {
                databases[index].used_by.push(Use { origin, name });
            }
        }
    }
}
