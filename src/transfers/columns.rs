//! The columns of a products' table: one row for each variant, with a header in Chinese or in English.

use crate::text::Language;

/// `1` to `3` behind the parts of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Slug,
    Name,
    NameEn,
    Category,
    Summary,
    SummaryEn,
    Description,
    DescriptionEn,
    /// Yes, no, or by the clock between the two minutes beside it.
    OnShelf,
    ShelfFrom,
    ShelfUntil,
    Archived,
    Position,
    Axis(usize),
    AxisEn(usize),
    Choice(usize),
    ChoiceEn(usize),
    /// All that an axis has, line by line in their order; in English each with its number there.
    Choices(usize),
    ChoicesEn(usize),
    Sku,
    Price,
    Stock,
    /// The stock when the file was written: where it equals the stock beside it, nobody has counted anew.
    StockThen,
    Weight,
    LowAt,
    VariantPosition,
    /// Their names: those that this shop does not have are passed over.
    Pictures,
    /// What they show, line by line, each with its number there.
    Alts,
    AltsEn,
}

use Column::{
    Alts, AltsEn, Archived, Axis, AxisEn, Category, Choice, ChoiceEn, Choices, ChoicesEn, Description,
    DescriptionEn, LowAt, Name, NameEn, OnShelf, Pictures, Position, Price, ShelfFrom, ShelfUntil, Sku, Slug,
    Stock, StockThen, Summary, SummaryEn, VariantPosition, Weight,
};

/// In the order in which they are written: the column, its name in Chinese and in English.
pub const COLUMNS: [(Column, &str, &str); 41] = [
    (Slug, "商品编号", "Slug"),
    (Name, "商品名称", "Chinese name"),
    (NameEn, "英文名称", "Name"),
    (Category, "分类", "Category"),
    (Summary, "简介", "Chinese summary"),
    (SummaryEn, "英文简介", "Summary"),
    (Description, "描述", "Chinese description"),
    (DescriptionEn, "英文描述", "Description"),
    (OnShelf, "上架", "On shelf"),
    (ShelfFrom, "上架时间", "On shelf from"),
    (ShelfUntil, "下架时间", "On shelf until"),
    (Archived, "归档", "Archived"),
    (Position, "排序", "Position"),
    (Axis(0), "规格名1", "Chinese option 1"),
    (AxisEn(0), "英文规格名1", "Option 1"),
    (Choice(0), "规格值1", "Chinese value 1"),
    (ChoiceEn(0), "英文规格值1", "Value 1"),
    (Axis(1), "规格名2", "Chinese option 2"),
    (AxisEn(1), "英文规格名2", "Option 2"),
    (Choice(1), "规格值2", "Chinese value 2"),
    (ChoiceEn(1), "英文规格值2", "Value 2"),
    (Axis(2), "规格名3", "Chinese option 3"),
    (AxisEn(2), "英文规格名3", "Option 3"),
    (Choice(2), "规格值3", "Chinese value 3"),
    (ChoiceEn(2), "英文规格值3", "Value 3"),
    (Sku, "SKU", "SKU"),
    (Price, "价格(元)", "Price (yuan)"),
    (Stock, "库存", "Stock"),
    (StockThen, "导出时库存", "Stock when exported"),
    (Weight, "重量(克)", "Weight (g)"),
    (LowAt, "低库存提醒", "Low stock at"),
    (VariantPosition, "规格排序", "Variant position"),
    (Choices(0), "全部规格值1", "All Chinese values 1"),
    (ChoicesEn(0), "全部英文规格值1", "All values 1"),
    (Choices(1), "全部规格值2", "All Chinese values 2"),
    (ChoicesEn(1), "全部英文规格值2", "All values 2"),
    (Choices(2), "全部规格值3", "All Chinese values 3"),
    (ChoicesEn(2), "全部英文规格值3", "All values 3"),
    (Pictures, "图片", "Pictures"),
    (Alts, "图片说明", "Chinese picture texts"),
    (AltsEn, "英文图片说明", "Picture texts"),
];

/// What else people call them.
const ALSO: [(Column, &str); 9] = [
    (Slug, "商品编码"),
    (Name, "名称"),
    (NameEn, "English name"),
    (SummaryEn, "English summary"),
    (DescriptionEn, "English description"),
    (Sku, "SKU编码"),
    (Price, "价格"),
    (Price, "Price"),
    (Weight, "重量"),
];

impl Column {
    /// Amounts, with which a spreadsheet shall count.
    pub fn is_number(self) -> bool {
        matches!(self, Price | Stock | StockThen | Weight | LowAt | Position | VariantPosition)
    }

    /// It speaks of a variant and not of the whole product.
    pub fn is_of_variant(self) -> bool {
        matches!(
            self,
            Choice(_) | ChoiceEn(_) | Sku | Price | Stock | StockThen | Weight | LowAt | VariantPosition
        )
    }

    /// As a header says it.
    pub fn name(self, language: Language) -> &'static str {
        let found = COLUMNS.iter().find(|(column, ..)| *column == self);
        found.map_or("", |(_, zh, en)| if language == Language::English { en } else { zh })
    }

    /// The column that is called so, in either language; blanks, capitals and the width of brackets are no
    /// matter.
    pub fn called(name: &str) -> Option<Column> {
        let name = simple(name);
        let known = COLUMNS.iter().flat_map(|(column, zh, en)| [(*column, *zh), (*column, *en)]);
        known.chain(ALSO).find(|(_, known)| simple(known) == name).map(|(column, _)| column)
    }
}

fn simple(name: &str) -> String {
    let narrow = |c: char| match c {
        '（' => '(',
        '）' => ')',
        c => c.to_ascii_lowercase(),
    };
    name.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// Which cell of a row holds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header(Vec<Option<Column>>);

/// Why a header cannot be worked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrongHeader {
    /// Without these nobody knows which product or variant a row is.
    Missing(Column),
    Twice(Column),
    TooMany,
}

/// A table has at most so many columns.
const MOST: usize = 200;

impl Header {
    pub fn read(names: &[String]) -> Result<Header, WrongHeader> {
        if names.len() > MOST {
            return Err(WrongHeader::TooMany);
        }
        let mut columns: Vec<Option<Column>> = Vec::new();
        for name in names {
            let column = Column::called(name);
            if column.is_some() && columns.contains(&column) {
                return Err(WrongHeader::Twice(column.unwrap_or(Sku)));
            }
            columns.push(column);
        }
        match [Slug, Sku].into_iter().find(|needed| !columns.contains(&Some(*needed))) {
            Some(missing) => Err(WrongHeader::Missing(missing)),
            None => Ok(Header(columns)),
        }
    }

    /// The cell of this column; empty where there is none.
    pub fn of<'a>(&self, column: Column, cells: &'a [String]) -> &'a str {
        let at = self.0.iter().position(|own| *own == Some(column));
        at.and_then(|at| cells.get(at)).map_or("", |cell| cell.as_str())
    }

    /// So many columns.
    pub fn width(&self) -> usize {
        self.0.len()
    }

    /// The names of columns that mean nothing to us.
    pub fn unknown<'a>(&self, names: &'a [String]) -> Vec<&'a str> {
        let unknown = names.iter().zip(&self.0).filter(|(name, column)| column.is_none() && !name.is_empty());
        unknown.map(|(name, _)| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_header_is_read_in_either_language_and_as_people_type_it() {
        for (column, zh, en) in COLUMNS {
            assert_eq!((Column::called(zh), Column::called(en)), (Some(column), Some(column)), "{zh} {en}");
        }
        assert_eq!(Column::called(" 价格（元） "), Some(Price));
        assert_eq!(Column::called("sku"), Some(Sku));
        assert_eq!(Column::called("颜色"), None);
    }

    #[test]
    fn a_header_that_cannot_be_worked_with_is_told() {
        assert_eq!(Header::read(&names(&["SKU", "价格"])), Err(WrongHeader::Missing(Slug)));
        assert_eq!(Header::read(&names(&["Slug", "SKU", "sku "])), Err(WrongHeader::Twice(Sku)));
        assert_eq!(Header::read(&vec![String::new(); 201]), Err(WrongHeader::TooMany));
        let read = names(&["Slug", "SKU", "供应商", ""]);
        assert_eq!(Header::read(&read).unwrap().unknown(&read), ["供应商"]);
    }
}
