-- An order: three axes of state, and lines that never change when the catalog does.

CREATE TABLE orders (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number           text NOT NULL CONSTRAINT orders_number_unique UNIQUE,
    -- The form that placed it: the same key and body is the same order.
    checkout_key     uuid NOT NULL CONSTRAINT orders_checkout_key_unique UNIQUE,
    checkout_digest  bytea NOT NULL,
    -- Leads a phone to the cashier and back, and shows nothing but the state of the payment.
    pay_token        text NOT NULL CONSTRAINT orders_pay_token_unique UNIQUE CHECK (length(pay_token) = 22),
    visitor          uuid NOT NULL,
    customer_id      bigint REFERENCES customers,
    language         text NOT NULL CHECK (language IN ('zh-CN', 'en')),
    recipient        text NOT NULL,
    phone            text NOT NULL,
    province         text NOT NULL,
    city             text NOT NULL,
    district         text NOT NULL,
    street           text NOT NULL,
    note             text NOT NULL,
    total_fen        bigint NOT NULL CHECK (total_fen BETWEEN 1 AND 1000000000000),
    placed_at        timestamptz NOT NULL,
    pay_until        timestamptz NOT NULL,
    payment          text NOT NULL DEFAULT 'none' CHECK (payment IN ('none', 'pending', 'paid', 'late')),
    paid_at          timestamptz,
    fulfilment       text NOT NULL DEFAULT 'none' CHECK (fulfilment IN ('none')),
    closed_at        timestamptz,
    closed_because   text CHECK (closed_because IN ('expired')),
    CHECK ((payment IN ('paid', 'late')) = (paid_at IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (closed_because IS NULL)),
    -- Paid orders are open; money that came too late belongs to a closed one.
    CHECK (payment <> 'paid' OR closed_at IS NULL),
    CHECK (payment <> 'late' OR closed_at IS NOT NULL)
);
CREATE INDEX orders_by_visitor ON orders (visitor, id DESC);
CREATE INDEX orders_by_customer ON orders (customer_id, id DESC) WHERE customer_id IS NOT NULL;

CREATE TABLE order_lines (
    order_id        bigint NOT NULL REFERENCES orders,
    position        smallint NOT NULL,
    variant_id      bigint NOT NULL REFERENCES variants,
    sku             text NOT NULL,
    product_id      bigint NOT NULL REFERENCES products,
    product_slug    text NOT NULL,
    product_zh      text NOT NULL,
    product_en      text NOT NULL,
    choice_zh       text NOT NULL,
    choice_en       text NOT NULL,
    picture         text,
    unit_price_fen  bigint NOT NULL CHECK (unit_price_fen > 0),
    quantity        integer NOT NULL CHECK (quantity BETWEEN 1 AND 9999),
    PRIMARY KEY (order_id, position)
);

-- The moves an order may make. A late or repeated message can never lead it back.
CREATE FUNCTION orders_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.payment IN ('paid', 'late') AND NEW.payment IN ('none', 'pending') THEN
        RAISE EXCEPTION 'order % cannot become unpaid', OLD.number USING CONSTRAINT = 'orders_never_unpaid';
    END IF;
    IF OLD.payment = 'paid' AND NEW.payment <> 'paid' THEN
        RAISE EXCEPTION 'order % is paid', OLD.number USING CONSTRAINT = 'orders_never_unpaid';
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL AND NEW.payment <> 'paid' THEN
        RAISE EXCEPTION 'order % reopens by payment only', OLD.number USING CONSTRAINT = 'orders_reopen_paid';
    END IF;
    IF NEW.total_fen <> OLD.total_fen OR NEW.number <> OLD.number THEN
        RAISE EXCEPTION 'order % keeps its total', OLD.number USING CONSTRAINT = 'orders_total_fixed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_move BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_move();
