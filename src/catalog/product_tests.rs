//! The knit socks: two colours, three sizes; red 43 is not made, red 39 is sold out.

use super::*;

const GREY: ChoiceId = ChoiceId(1);
const RED: ChoiceId = ChoiceId(2);
const SMALL: ChoiceId = ChoiceId(11);
const MIDDLE: ChoiceId = ChoiceId(12);
const LARGE: ChoiceId = ChoiceId(13);

fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

fn axis(name: Text, choices: &[(ChoiceId, &str, &str)]) -> Axis {
    let choices = choices.iter().map(|(id, zh, en)| Choice { id: *id, name: text(zh, en) }).collect();
    Axis { name, choices }
}

fn variant(id: i64, choices: &[ChoiceId], fen: i64, stock: u32) -> Variant {
    Variant {
        id: VariantId(id),
        sku: Sku::parse(&format!("socks-{id}")).unwrap(),
        choices: choices.to_vec(),
        price: Money::from_fen(fen).unwrap(),
        stock,
        weight_g: 190,
    }
}

fn socks() -> Product {
    Product {
        id: ProductId(1),
        slug: Slug::parse("knit-socks").unwrap(),
        name: text("精梳棉袜", "Combed-cotton socks"),
        summary: Text::default(),
        description: Text::default(),
        category: Category {
            id: CategoryId(1),
            parent: None,
            slug: Slug::parse("wear").unwrap(),
            name: text("衣饰", "Wear"),
            ground: Rgb([0xf0, 0xe0, 0xe0]),
            version: 1,
        },
        axes: vec![
            axis(text("颜色", "Colour"), &[(GREY, "灰", "Grey"), (RED, "红", "Red")]),
            axis(text("尺码", "Size"), &[(SMALL, "小", "S"), (MIDDLE, "中", ""), (LARGE, "大", "L")]),
        ],
        variants: vec![
            variant(1, &[GREY, SMALL], 4900, 3),
            variant(2, &[GREY, MIDDLE], 4900, 2),
            variant(3, &[GREY, LARGE], 5200, 1),
            variant(4, &[RED, SMALL], 4900, 4),
            variant(5, &[RED, MIDDLE], 4800, 0),
        ],
        pictures: Vec::new(),
        weibo_status_id: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}

#[test]
fn a_combination_that_is_not_made_is_no_variant() {
    let socks = socks();
    for none in [&[RED, LARGE][..], &[RED], &[], &[RED, RED], &[RED, SMALL, LARGE], &[ChoiceId(99), SMALL]] {
        assert_eq!(socks.variant_of(none), None, "{none:?}");
    }
    assert_eq!(socks.variant_of(&[SMALL, RED]).unwrap().id, VariantId(4));
}

#[test]
fn a_choice_is_missing_sold_out_or_in_stock_beside_the_others() {
    let socks = socks();
    assert_eq!(socks.availability(LARGE, &[RED, SMALL]), Availability::Missing);
    assert_eq!(socks.availability(MIDDLE, &[RED, SMALL]), Availability::SoldOut);
    assert_eq!(socks.availability(SMALL, &[RED]), Availability::InStock);
    assert_eq!(socks.availability(MIDDLE, &[]), Availability::InStock);
    assert_eq!(socks.availability(ChoiceId(99), &[]), Availability::Missing);
    let beside_red =
        vec![(SMALL, Availability::InStock), (MIDDLE, Availability::SoldOut), (LARGE, Availability::Missing)];
    assert_eq!(socks.offers(RED), beside_red);
}

#[test]
fn picking_changes_one_choice_or_leads_to_what_is_made() {
    let socks = socks();
    let shown = |id: usize| &socks.variants[id - 1];
    let picked = |from: usize, choice| socks.picking(shown(from), choice).map(|v| v.id.0);
    assert_eq!(picked(1, RED), Some(4));
    assert_eq!(picked(1, SMALL), Some(1), "what is picked already stays");
    assert_eq!(picked(2, RED), Some(5), "sold out is shown, not avoided");
    assert_eq!(picked(3, RED), Some(4), "red is not made in large");
    assert_eq!(picked(4, LARGE), Some(3));
    assert_eq!(picked(1, ChoiceId(99)), None);
}

#[test]
fn the_first_variant_shown_can_be_had() {
    let mut socks = socks();
    assert_eq!(socks.first_variant().unwrap().id, VariantId(1));
    socks.variants[0].stock = 0;
    assert_eq!(socks.first_variant().unwrap().id, VariantId(2));
    socks.variants.iter_mut().for_each(|v| v.stock = 0);
    assert!(socks.is_sold_out());
    assert_eq!(socks.first_variant().unwrap().id, VariantId(1));
}

#[test]
fn names_and_prices_are_told_together() {
    let socks = socks();
    assert_eq!(socks.choice_names(&socks.variants[3]), text("红 / 小", "Red / S"));
    assert_eq!(socks.choice_names(&socks.variants[1]), text("灰 / 中", "Grey / 中"));
    assert_eq!(socks.price_range(), (Money::from_fen(4800).unwrap(), Money::from_fen(5200).unwrap()));
    assert_eq!(socks.variant(&Sku::parse("socks-3").unwrap()).unwrap().id, VariantId(3));
    assert_eq!(socks.variant(&Sku::parse("Socks-3").unwrap()), None);
}

#[test]
fn a_product_that_comes_in_one_way_has_no_choice_names() {
    let mut mug = socks();
    mug.axes.clear();
    mug.variants = vec![variant(9, &[], 100, 1)];
    assert_eq!(mug.variant_of(&[]).unwrap().id, VariantId(9));
    assert_eq!(mug.choice_names(&mug.variants[0]), Text::default());
}
