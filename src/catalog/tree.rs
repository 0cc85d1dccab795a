//! The tree of categories: what stands under what, at most three deep and never in a circle. Pure.

use super::ids::{CategoryId, Slug};
use super::product::Category;

/// So many categories stand in each other at most.
pub const DEEPEST: usize = 3;

/// All categories, those of one parent in the merchant's order.
#[derive(Debug, Clone, Default)]
pub struct Tree(Vec<Category>);

/// Why a category cannot stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    #[error("it would stand under itself")]
    Circle,
    #[error("categories stand in each other at most three deep")]
    TooDeep,
    #[error("there is no such category to stand under")]
    NoSuchParent,
}

impl Tree {
    /// `categories` in the order of their positions.
    pub fn new(categories: Vec<Category>) -> Tree {
        Tree(categories)
    }

    pub fn find(&self, id: CategoryId) -> Option<&Category> {
        self.0.iter().find(|category| category.id == id)
    }

    /// Those that stand right under `parent`, or under nothing.
    pub fn under(&self, parent: Option<CategoryId>) -> impl Iterator<Item = &Category> {
        self.0.iter().filter(move |category| category.parent == parent)
    }

    /// Each with its depth, counted from 1, before those under it.
    pub fn flat(&self) -> Vec<(usize, &Category)> {
        let mut all = Vec::with_capacity(self.0.len());
        self.walk(None, 1, &mut all);
        all
    }

    fn walk<'a>(&'a self, parent: Option<CategoryId>, depth: usize, all: &mut Vec<(usize, &'a Category)>) {
        // What is deeper than can be is not followed: a circle would have no end.
        for category in self.under(parent).filter(|_| depth <= DEEPEST) {
            all.push((depth, category));
            self.walk(Some(category.id), depth + 1, all);
        }
    }

    /// A category and those it stands under, itself first.
    pub fn path(&self, id: CategoryId) -> Vec<&Category> {
        let mut path = Vec::new();
        let mut next = self.find(id);
        while let Some(category) = next.filter(|_| path.len() < DEEPEST) {
            path.push(category);
            next = category.parent.and_then(|parent| self.find(parent));
        }
        path
    }

    /// The one under nothing under which the category of this slug stands; itself where it stands so.
    pub fn top_of(&self, slug: &Slug) -> Option<&Category> {
        let category = self.0.iter().find(|category| category.slug == *slug)?;
        self.path(category.id).last().copied()
    }

    /// A category and everything under it.
    pub fn whole(&self, id: CategoryId) -> Vec<CategoryId> {
        let mut all = vec![id];
        let mut next = 0;
        while let Some(&parent) = all.get(next) {
            let under: Vec<_> =
                self.under(Some(parent)).map(|c| c.id).filter(|id| !all.contains(id)).collect();
            all.extend(under);
            next += 1;
        }
        all
    }

    /// How many stand in each other from this one downwards, itself counted.
    fn height(&self, id: CategoryId) -> usize {
        let lowest = self.whole(id).into_iter().map(|below| self.path(below).len()).max().unwrap_or(1);
        (lowest + 1).saturating_sub(self.path(id).len()).max(1)
    }

    /// Whether `id`, or a new category, may stand under `parent`.
    pub fn may_stand(&self, id: Option<CategoryId>, parent: Option<CategoryId>) -> Result<(), BadPlace> {
        let Some(parent) = parent else { return Ok(()) };
        if self.find(parent).is_none() {
            return Err(BadPlace::NoSuchParent);
        }
        if id.is_some_and(|id| self.whole(id).contains(&parent)) {
            return Err(BadPlace::Circle);
        }
        let height = id.map_or(1, |id| self.height(id));
        if self.path(parent).len() + height > DEEPEST { Err(BadPlace::TooDeep) } else { Ok(()) }
    }

    /// The order of those beside `id` after it has moved one place up or down; `None` at the end.
    pub fn moved(&self, id: CategoryId, up: bool) -> Option<Vec<CategoryId>> {
        let parent = self.find(id)?.parent;
        let mut beside: Vec<CategoryId> = self.under(parent).map(|c| c.id).collect();
        let at = beside.iter().position(|other| *other == id)?;
        let other = if up { at.checked_sub(1)? } else { at + 1 };
        (other < beside.len()).then(|| beside.swap(at, other))?;
        Some(beside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Rgb;
    use crate::text::Text;
    use proptest::prelude::*;

    fn category(id: i64, parent: Option<i64>) -> Category {
        Category {
            id: CategoryId(id),
            parent: parent.map(CategoryId),
            slug: Slug::parse(&format!("c{id}")).unwrap(),
            name: Text { zh: format!("类{id}"), en: String::new() },
            ground: Rgb([0, 0, 0]),
            version: 1,
        }
    }

    /// 1 > 2 > 3, 1 > 4, 5
    fn tree() -> Tree {
        Tree::new(
            [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1)), (5, None)]
                .map(|(id, parent)| category(id, parent))
                .to_vec(),
        )
    }

    #[test]
    fn a_tree_is_read_from_above() {
        let flat: Vec<(usize, i64)> = tree().flat().iter().map(|(depth, c)| (*depth, c.id.0)).collect();
        assert_eq!(flat, [(1, 1), (2, 2), (3, 3), (2, 4), (1, 5)]);
        assert_eq!(tree().whole(CategoryId(1)), [1, 2, 4, 3].map(CategoryId));
        assert_eq!(tree().top_of(&Slug::parse("c3").unwrap()).unwrap().id, CategoryId(1));
    }

    #[test]
    fn nothing_stands_under_itself_or_too_deep() {
        let may = |id: i64, parent: i64| tree().may_stand(Some(CategoryId(id)), Some(CategoryId(parent)));
        assert_eq!(may(1, 1), Err(BadPlace::Circle));
        assert_eq!(may(1, 3), Err(BadPlace::Circle));
        assert_eq!(may(5, 3), Err(BadPlace::TooDeep));
        assert_eq!(may(2, 4), Err(BadPlace::TooDeep));
        assert_eq!(may(1, 5), Err(BadPlace::TooDeep));
        assert_eq!(may(9, 9), Err(BadPlace::NoSuchParent));
        assert_eq!(may(5, 2), Ok(()));
        assert_eq!(may(2, 5), Ok(()));
        assert_eq!(tree().may_stand(None, Some(CategoryId(3))), Err(BadPlace::TooDeep));
        assert_eq!(tree().may_stand(Some(CategoryId(3)), None), Ok(()));
    }

    #[test]
    fn a_category_moves_among_those_beside_it() {
        assert_eq!(tree().moved(CategoryId(4), true), Some([4, 2].map(CategoryId).to_vec()));
        assert_eq!(tree().moved(CategoryId(2), true), None);
        assert_eq!(tree().moved(CategoryId(4), false), None);
    }

    proptest! {
        #[test]
        fn whatever_moves_are_allowed_it_stays_a_tree(moves in prop::collection::vec((1..8_i64, 0..8_i64), 0..60)) {
            let mut all: Vec<Category> = (1..8).map(|id| category(id, None)).collect();
            for (id, parent) in moves {
                let parent = (parent > 0).then_some(CategoryId(parent));
                if Tree::new(all.clone()).may_stand(Some(CategoryId(id)), parent).is_ok() {
                    all[usize::try_from(id - 1).unwrap()].parent = parent;
                }
            }
            let tree = Tree::new(all);
            prop_assert_eq!(tree.flat().len(), 7, "each is seen once, so none is in a circle or too deep");
        }
    }
}
