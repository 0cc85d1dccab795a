//! What becomes of variants when the merchant changes what a buyer can choose. Pure.

use super::ids::{ChoiceId, VariantId};
use super::product::Variant;
use crate::text::Text;
use std::collections::BTreeSet;

/// A product has so many axes at most.
pub const AXES: usize = 3;
/// And so many variants.
pub const ROWS: usize = 200;

/// An axis as the merchant wants it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WantedAxis {
    /// Which of the product's axes it is, counted from 0; nothing for a new one.
    pub was: Option<usize>,
    pub name: Text,
    /// Each with its id; nothing for a new one.
    pub choices: Vec<(Option<ChoiceId>, Text)>,
}

/// How many variants all combinations would be.
pub fn combinations(choices: impl Iterator<Item = usize>) -> usize {
    choices.fold(1, usize::saturating_mul)
}

/// Every combination of one choice on each axis, the last axis changing fastest.
pub fn all_combinations(axes: &[Vec<ChoiceId>]) -> Vec<Vec<ChoiceId>> {
    axes.iter().fold(vec![Vec::new()], |all, axis| {
        let extended = all.iter().flat_map(|head| axis.iter().map(|c| [head.as_slice(), &[*c]].concat()));
        extended.collect()
    })
}

/// Where each variant stands on the new axes, and those that stand nowhere any more: a choice of theirs is gone,
/// or what told them from another is. `axes` are the new ones, each with the old one that it was. On an axis
/// that was not there they take its first choice.
pub fn place(
    variants: &[Variant],
    axes: &[(Option<usize>, Vec<ChoiceId>)],
) -> (Vec<(VariantId, Vec<ChoiceId>)>, Vec<VariantId>) {
    let (mut placed, mut gone) = (Vec::new(), Vec::new());
    let mut taken = BTreeSet::new();
    for variant in variants {
        let on = |(was, choices): &(Option<usize>, Vec<ChoiceId>)| match was {
            Some(was) => variant.choices.get(*was).copied().filter(|choice| choices.contains(choice)),
            None => choices.first().copied(),
        };
        let choices: Option<Vec<ChoiceId>> = axes.iter().map(on).collect();
        match choices.filter(|choices| taken.insert(choices.clone())) {
            Some(choices) => placed.push((variant.id, choices)),
            None => gone.push(variant.id),
        }
    }
    (placed, gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Sku;
    use crate::money::Money;
    use proptest::prelude::*;

    fn variant(id: i64, choices: &[i64]) -> Variant {
        Variant {
            id: VariantId(id),
            sku: Sku::parse(&format!("v-{id}")).unwrap(),
            choices: choices.iter().map(|c| ChoiceId(*c)).collect(),
            price: Money::ZERO,
            stock: 0,
            weight_g: 0,
        }
    }

    fn ids(choices: &[i64]) -> Vec<ChoiceId> {
        choices.iter().map(|c| ChoiceId(*c)).collect()
    }

    #[test]
    fn variants_follow_their_choices() {
        let all = [variant(1, &[10, 20]), variant(2, &[10, 21]), variant(3, &[11, 20])];
        let (placed, gone) = place(&all, &[(Some(1), ids(&[20, 21]))]);
        assert_eq!(placed, [(VariantId(1), ids(&[20])), (VariantId(2), ids(&[21]))]);
        assert_eq!(gone, [VariantId(3)], "what told 3 from 1 is gone");
        let (placed, gone) =
            place(&all, &[(Some(0), ids(&[11, 12])), (Some(1), ids(&[20])), (None, ids(&[30]))]);
        assert_eq!(
            (placed, gone),
            (vec![(VariantId(3), ids(&[11, 20, 30]))], vec![VariantId(1), VariantId(2)])
        );
        let (placed, _) = place(&[variant(1, &[])], &[(None, ids(&[30, 31]))]);
        assert_eq!(placed, [(VariantId(1), ids(&[30]))]);
    }

    #[test]
    fn all_combinations_of_no_axis_are_one() {
        assert_eq!(all_combinations(&[]), [Vec::new()]);
        assert_eq!(all_combinations(&[ids(&[1, 2]), ids(&[3])]), [ids(&[1, 3]), ids(&[2, 3])]);
    }

    proptest! {
        #[test]
        fn nobody_shares_a_place_and_nobody_is_lost(
            old in prop::collection::btree_set((0..4_i64, 10..14_i64), 0..16),
            keep in prop::collection::vec((0..2_usize, prop::collection::vec(0..14_i64, 1..6)), 0..3),
            fresh in prop::option::of(20..24_i64),
        ) {
            let variants: Vec<_> = (1..).zip(&old).map(|(id, (a, b))| variant(id, &[*a, *b])).collect();
            let mut axes: Vec<_> = keep.into_iter().map(|(was, choices)| (Some(was), ids(&choices))).collect();
            axes.extend(fresh.map(|choice| (None, ids(&[choice]))));
            let (placed, gone) = place(&variants, &axes);
            prop_assert_eq!(placed.len() + gone.len(), variants.len());
            let places: BTreeSet<_> = placed.iter().map(|(_, choices)| choices).collect();
            prop_assert_eq!(places.len(), placed.len());
            for (_, choices) in &placed {
                prop_assert!(choices.iter().zip(&axes).all(|(choice, (_, of))| of.contains(choice)));
            }
        }
    }
}
