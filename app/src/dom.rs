//! What the app's `view!` (crate `markup`) is written in: elements that are made at once, and closures that are
//! followed by Leptos' signals for as long as their owner lives.
//!
//! Owns nothing but elements, attributes, events and the places that change. No text, class or behaviour of any
//! part belongs here.

use std::pin::Pin;

use leptos::attr::Attribute;
use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::tachys::html::node_ref::NodeRefContainer;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, Node};

pub(crate) use markup::view;

/// A node that was made: an element, a text, or a fragment of several.
pub(crate) struct Dom(SendWrapper<Node>);

impl Dom {
    fn new(node: impl Into<Node>) -> Self {
        Self(SendWrapper::new(node.into()))
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::new(document().create_document_fragment())
    }

    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        Self::new(document().create_text_node(text))
    }

    /// Whatever can stand in an element, on its own.
    pub(crate) fn of(child: impl Child) -> Self {
        let dom = Self::empty();
        child.put(&dom.0);
        dom
    }

    /// One type for every branch: it is one already.
    pub(crate) fn into_any(self) -> Self {
        self
    }
}

/// Several nodes, one after the other.
pub(crate) struct Fragment(Node);

impl Fragment {
    pub(crate) fn new() -> Self {
        Self(document().create_document_fragment().into())
    }

    pub(crate) fn node(&self) -> &Node {
        &self.0
    }

    pub(crate) fn done(self) -> Dom {
        Dom::new(self.0)
    }
}

/// An element that is not in the page yet.
pub(crate) fn make(tag: &str) -> Element {
    let namespace = match tag {
        "svg" | "path" => "http://www.w3.org/2000/svg",
        _ => "http://www.w3.org/1999/xhtml",
    };
    match document().create_element_ns(Some(namespace), tag) {
        Ok(element) => element,
        // Tags are written in the source, so the browser takes every one of them.
        Err(_) => wasm_bindgen::throw_str(tag),
    }
}

/// The element as what `view!` gives.
pub(crate) fn done(element: Element) -> Dom {
    Dom::new(element)
}

/// Sets an attribute to a text of the source.
pub(crate) fn fixed(element: &Element, name: &str, text: &str) {
    // Names are written in the source, so the browser takes every one of them.
    let _ = element.set_attribute(name, text);
}

fn set(element: &Element, name: &str, text: Option<&str>) {
    match text {
        Some(text) => fixed(element, name, text),
        None => {
            let _ = element.remove_attribute(name);
        }
    }
}

/// Runs now, and again whenever a signal that it reads has changed, until the owner is gone.
pub(crate) fn follow(mut run: Box<dyn FnMut()>) {
    StoredValue::new_local(RenderEffect::new(move |_: Option<()>| run()));
}

/// Runs when the page has been drawn, and again whenever a signal that it reads has changed.
pub(crate) fn after(run: impl FnMut() + 'static) {
    run_after(Box::new(run));
}

fn run_after(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| run());
}

/// Something that is done while the page goes on.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Starts it.
pub(crate) fn spawn(task: Task) {
    leptos::task::spawn_local(task);
}

/// What can be the value of an attribute.
pub(crate) trait Value {
    fn set(self, element: &Element, name: &'static str);
}

impl Value for &str {
    fn set(self, element: &Element, name: &'static str) {
        fixed(element, name, self);
    }
}

impl Value for String {
    fn set(self, element: &Element, name: &'static str) {
        fixed(element, name, &self);
    }
}

impl Value for bool {
    fn set(self, element: &Element, name: &'static str) {
        set(element, name, self.then_some(""));
    }
}

impl<V: Value> Value for Option<V> {
    fn set(self, element: &Element, name: &'static str) {
        match self {
            Some(value) => value.set(element, name),
            None => set(element, name, None),
        }
    }
}

impl<F: FnMut() -> V + 'static, V: Value> Value for F {
    fn set(mut self, element: &Element, name: &'static str) {
        let element = element.clone();
        follow(Box::new(move || self().set(&element, name)));
    }
}

/// Has a class on a condition.
pub(crate) trait Condition {
    fn class(self, element: &Element, name: &'static str);
}

fn toggle(element: &Element, name: &str, on: bool) {
    let _ = element.class_list().toggle_with_force(name, on);
}

impl Condition for bool {
    fn class(self, element: &Element, name: &'static str) {
        toggle(element, name, self);
    }
}

impl<F: FnMut() -> bool + 'static> Condition for F {
    fn class(mut self, element: &Element, name: &'static str) {
        let element = element.clone();
        follow(Box::new(move || toggle(&element, name, self())));
    }
}

/// Keeps a property, such as what a field holds.
pub(crate) fn prop<V: Into<JsValue>>(
    element: &Element,
    name: &'static str,
    mut value: impl FnMut() -> V + 'static,
) {
    keep_prop(element, name, Box::new(move || value().into()));
}

fn keep_prop(element: &Element, name: &'static str, mut value: Box<dyn FnMut() -> JsValue>) {
    let element = element.clone();
    follow(Box::new(move || {
        let _ = js_sys::Reflect::set(&element, &JsValue::from_str(name), &value());
    }));
}

/// Hears of an event.
pub(crate) fn on(element: &Element, event: &'static str, hear: impl FnMut(Event) + 'static) {
    listen(element, event, Box::new(hear));
}

/// Someone who hears of an event, until the owner is gone. An event may already be on its way by then: it finds
/// nobody.
struct Listener {
    element: Element,
    event: &'static str,
    hear: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let hear = self.hear.as_ref().unchecked_ref();
        let _ = self.element.remove_event_listener_with_callback(self.event, hear);
    }
}

fn listen(element: &Element, event: &'static str, mut hear: Box<dyn FnMut(Event)>) {
    let owner = Owner::current();
    let hear: Box<dyn FnMut(Event)> = Box::new(move |event| match &owner {
        Some(owner) => owner.with(|| hear(event)),
        None => hear(event),
    });
    let hear = Closure::wrap(hear);
    let _ = element.add_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
    StoredValue::new_local(Listener {
        element: element.clone(),
        event,
        hear,
    });
}

/// An event with the field that it happened to.
pub(crate) struct Targeted<T>(T);

impl<T: Clone> Targeted<T> {
    pub(crate) fn target(&self) -> T {
        self.0.clone()
    }
}

/// Hears of an event together with the field that it happened to.
pub(crate) fn on_target<T: JsCast>(
    element: &Element,
    event: &'static str,
    mut hear: impl FnMut(Targeted<T>) + 'static,
) {
    listen(
        element,
        event,
        Box::new(move |event| {
            if let Some(target) = event.current_target() {
                hear(Targeted(target.unchecked_into()));
            }
        }),
    );
}

/// Remembers the element.
pub(crate) fn node<E>(element: &Element, node: NodeRef<E>)
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    node.load(element);
}

/// What can stand in an element.
pub(crate) trait Child {
    fn put(self, parent: &Node);
}

fn append(parent: &Node, child: &Node) {
    // What was just made is nobody's parent, which is the only reason to refuse it.
    let _ = parent.append_child(child);
}

impl Child for Dom {
    fn put(self, parent: &Node) {
        append(parent, &self.0);
    }
}

impl Child for &str {
    fn put(self, parent: &Node) {
        append(parent, &document().create_text_node(self));
    }
}

impl Child for String {
    fn put(self, parent: &Node) {
        self.as_str().put(parent);
    }
}

impl<C: Child> Child for Option<C> {
    fn put(self, parent: &Node) {
        if let Some(child) = self {
            child.put(parent);
        }
    }
}

impl<C: Child> Child for Vec<C> {
    fn put(self, parent: &Node) {
        for child in self {
            child.put(parent);
        }
    }
}

impl Child for AnyView {
    fn put(self, parent: &Node) {
        let mut state: AnyViewState = self.build();
        state.mount(parent.unchecked_ref(), None);
        StoredValue::new_local(state);
    }
}

impl<F: FnMut() -> C + 'static, C: Child> Child for F {
    fn put(mut self, parent: &Node) {
        place(parent, Box::new(move |parent| self().put(parent)));
    }
}

/// A place whose content changes.
fn place(parent: &Node, mut fill: Box<dyn FnMut(&Node)>) {
    let (start, end) = (marker(), marker());
    append(parent, &start);
    append(parent, &end);
    follow(Box::new(move || {
        let content: Node = document().create_document_fragment().into();
        fill(&content);
        while let Some(old) = start.next_sibling().filter(|old| *old != end) {
            remove(&old);
        }
        insert(&content, &end);
    }));
}

fn marker() -> Node {
    document().create_text_node("").into()
}

fn remove(node: &Node) {
    if let Some(parent) = node.parent_node() {
        let _ = parent.remove_child(node);
    }
}

fn insert(node: &Node, before: &Node) {
    if let Some(parent) = before.parent_node() {
        let _ = parent.insert_before(node, Some(before));
    }
}

/// Where a [`Dom`] stands among Leptos' own views: everything from `start` to `end`.
pub(crate) struct Range {
    start: Node,
    end: Node,
}

impl Range {
    fn nodes(&self) -> Vec<Node> {
        let mut nodes = vec![self.start.clone()];
        let mut last = self.start.clone();
        while last != self.end {
            let Some(next) = last.next_sibling() else { break };
            nodes.push(next.clone());
            last = next;
        }
        nodes
    }
}

impl Mountable for Range {
    fn unmount(&mut self) {
        // A fragment keeps them together, so that they can be mounted again.
        let together: Node = document().create_document_fragment().into();
        for node in self.nodes() {
            append(&together, &node);
        }
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        for node in self.nodes() {
            let _ = parent.insert_before(&node, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = self.start.parent_node();
        if let Some(parent) = &parent {
            child.mount(parent.unchecked_ref(), Some(&self.start));
        }
        parent.is_some()
    }

    fn elements(&self) -> Vec<types::Element> {
        Vec::new()
    }
}

impl Render for Dom {
    type State = Range;

    fn build(self) -> Range {
        let node = self.0.take();
        if node.node_type() != Node::DOCUMENT_FRAGMENT_NODE {
            return Range {
                start: node.clone(),
                end: node,
            };
        }
        let (start, end) = (marker(), marker());
        let _ = node.insert_before(&start, node.first_child().as_ref());
        append(&node, &end);
        Range { start, end }
    }

    fn rebuild(self, state: &mut Range) {
        let mut new = self.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl leptos::tachys::view::add_attr::AddAnyAttr for Dom {
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}

/// The app is never rendered on a server; Leptos asks for the possibility.
impl RenderHtml for Dom {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<leptos::attr::any_attribute::AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Range {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
