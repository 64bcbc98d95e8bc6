//! Blocks: entries and items on lines of their own, and `.env` files.

use crate::document::NodeId;

use super::Place;
use super::layout::{Block, Layout, Piece};
use super::nodes;
use super::out::Out;
use super::render::{Renderer, Result};
use super::tree::{State, Value};

/// The difference of two columns.
pub(super) fn difference(one: usize, other: usize) -> isize {
    isize::try_from(one).unwrap_or(0) - isize::try_from(other).unwrap_or(0)
}

/// What was written of a block so far.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "they say independent things of what was written last")]
struct Progress {
    next_piece: usize,
    has_any: bool,
    had_blank: bool,
    /// Whether blank lines behind what was written last would become a part of it.
    keeps_blank: bool,
    /// Whether comments were written last that a blank line keeps apart from what follows.
    stands_apart: bool,
}

impl<'document> Renderer<'_, 'document> {
    /// The entries or items of a block.
    pub(super) fn block_children(&self, place: Place, column: usize, out: &mut Out<'document>) -> Result<()> {
        let slot = self.draft.slot(place);
        let layout = match slot.value {
            Value::Old(node) if nodes::is_block(self.document, node) => Some((node, self.layout(node)?)),
            _ => None,
        };
        let block = layout.as_ref().and_then(|(node, layout)| match layout.as_ref() {
            Layout::Block(block) => Some((*node, block)),
            Layout::Flow(_) => None,
        });
        let mut progress = Progress::default();
        if let Some((_, block)) = block {
            // What is said of the file stays at its top.
            let is_head = |piece: &Piece| piece.child.is_none() && piece.comments.start <= 3 && slot.parent.is_none();
            if block.pieces.first().is_some_and(is_head) {
                self.loose(block, 0, column, &mut progress, out);
                progress.next_piece = 1;
            }
        }
        if slot.parent.is_none() {
            let inherited = self.inherited(place)?.above;
            self.comment_lines(&inherited, column, out);
            progress.has_any |= !inherited.is_empty();
        }
        for child in slot.children.as_deref().unwrap_or_default() {
            let child_slot = self.draft.slot(*child);
            let index = child_slot.origin.filter(|_| child_slot.in_place).map(|origin| origin.index);
            match (block, index, child_slot.state) {
                (_, _, State::Gone | State::Lost) => {}
                (Some((_, block)), Some(index), state) => {
                    self.loose_before(block, Some(index), column, &mut progress, out);
                    let piece = block.piece(index);
                    if state == State::Ghost {
                        let comments = self.all_comments(*child)?;
                        if !comments.is_empty() {
                            self.blank_in_place(block, piece, &mut progress, out);
                        }
                        self.comment_lines(&comments, column, out);
                        progress.has_any |= !comments.is_empty();
                        progress.stands_apart &= comments.is_empty();
                    } else {
                        self.blank_in_place(block, piece, &mut progress, out);
                        self.block_child(*child, column, out)?;
                        progress.has_any = true;
                        progress.stands_apart = false;
                        progress.keeps_blank = self.keeps_blank(*child);
                    }
                }
                (_, _, State::Ghost) => {
                    let comments = self.all_comments(*child)?;
                    self.comment_lines(&comments, column, out);
                    progress.has_any |= !comments.is_empty();
                    progress.stands_apart &= comments.is_empty();
                }
                _ => {
                    let mut blank = self.blank_of_moved(*child, place, block, &progress)?;
                    if blank.is_empty() && progress.stands_apart {
                        self.style.line_end.clone_into(&mut blank);
                    }
                    self.line(out);
                    if !progress.keeps_blank {
                        out.add(&blank);
                        progress.had_blank |= !blank.is_empty();
                    }
                    let was_moved = std::mem::replace(&mut out.is_moved, true);
                    self.block_child(*child, column, out)?;
                    out.is_moved = was_moved;
                    progress.has_any = true;
                    progress.stands_apart = false;
                    progress.keeps_blank = self.keeps_blank(*child);
                }
            }
        }
        if let Some((_, block)) = block {
            self.loose_before(block, None, column, &mut progress, out);
        }
        Ok(())
    }

    /// Comments that belong to the block, up to an entry.
    fn loose_before(
        &self,
        block: &Block,
        child: Option<usize>,
        column: usize,
        progress: &mut Progress,
        out: &mut Out<'document>,
    ) {
        while let Some(piece) = block.pieces.get(progress.next_piece) {
            if piece.child.is_none() {
                self.loose(block, progress.next_piece, column, progress, out);
            } else if child.is_some() && piece.child == child {
                progress.next_piece += 1;
                return;
            }
            progress.next_piece += 1;
        }
    }

    fn loose(&self, block: &Block, index: usize, column: usize, progress: &mut Progress, out: &mut Out<'document>) {
        let piece = &block.pieces[index];
        let by = difference(column, block.column);
        if piece.comments.is_empty() && piece.blank.is_empty() {
            return;
        }
        self.line(out);
        let mut comments = piece.comments.clone();
        if progress.keeps_blank {
            comments.start = comments.end - self.text[comments.clone()].trim_start_matches(['\n', '\r']).len();
        } else if progress.has_any || index == 0 {
            out.old(piece.blank.clone());
        }
        out.shifted(comments, by);
        progress.has_any = true;
        progress.keeps_blank = false;
        progress.stands_apart = block.pieces.get(index + 1).is_some_and(|next| !next.blank.is_empty());
    }

    /// The blank lines above an entry that stays.
    fn blank_in_place(&self, block: &Block, piece: &Piece, progress: &mut Progress, out: &mut Out<'document>) {
        self.line(out);
        let is_first = block.pieces.first().is_some_and(|first| first.child == piece.child);
        let wants_blank =
            (is_first && block.is_separated() == Some(true)) || (progress.stands_apart && piece.blank.is_empty());
        if progress.keeps_blank {
            // They would become a part of the text above.
        } else if progress.has_any && wants_blank {
            out.add(self.style.line_end);
            progress.had_blank = true;
        } else if progress.has_any || is_first {
            out.old(piece.blank.clone());
            progress.had_blank |= !piece.blank.is_empty();
        }
    }

    /// The blank lines above an entry that is new here.
    fn blank_of_moved(
        &self,
        child: Place,
        into: Place,
        block: Option<(NodeId, &Block)>,
        progress: &Progress,
    ) -> Result<String> {
        let slot = self.draft.slot(child);
        // Where it takes the place of what goes away, it takes the blank lines with it.
        if let (Some(near), Some((node, block))) = (slot.near, block) {
            let near = self.draft.slot(near);
            let has_left = near.parent != Some(into) || !near.in_place || !near.is_live();
            if let Some(origin) = near.origin.filter(|origin| has_left && origin.container == Some(node)) {
                let piece = block.piece(origin.index);
                let is_first = block.pieces.first().is_some_and(|first| first.child == piece.child);
                if (progress.has_any && !is_first) || (!progress.has_any && is_first) {
                    return Ok(self.text[piece.blank.clone()].to_owned());
                }
            }
        }
        if !progress.has_any {
            return Ok(String::new());
        }
        let one = self.style.line_end.to_owned();
        match block.and_then(|(_, block)| block.is_separated()) {
            Some(true) => return Ok(one),
            Some(false) => return Ok(String::new()),
            None => {}
        }
        if let Some(container) = slot.origin.and_then(|origin| origin.container)
            && let Some(origin) = slot.origin
            && let Layout::Block(old) = self.layout(container)?.as_ref()
        {
            let piece = old.piece(origin.index);
            let is_first = old.pieces.first().is_some_and(|first| first.child == piece.child);
            if is_first {
                return Ok(if old.is_separated() == Some(true) { one } else { String::new() });
            }
            return Ok(self.text[piece.blank.clone()].to_owned());
        }
        // Fields that come from one place stand together.
        Ok(if progress.had_blank && slot.origin.is_some() { one } else { String::new() })
    }

    /// Whether an entry ends with a block scalar that keeps blank lines.
    fn keeps_blank(&self, place: Place) -> bool {
        let mut at = place;
        while let Some(last) = self.draft.live(at).last() {
            at = last;
        }
        let Value::Old(node) = self.draft.slot(at).value else { return false };
        nodes::keeps_blank_lines(self.document, nodes::last_in(self.document, node))
    }

    pub(super) fn comment_lines(&self, comments: &[String], column: usize, out: &mut Out<'document>) {
        for comment in comments {
            self.line(out);
            out.spaces(column);
            out.add(comment);
            out.add(self.style.line_end);
        }
    }
}
