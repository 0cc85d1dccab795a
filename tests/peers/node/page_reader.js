// npm `open-graph-scraper` as a crawler of the shop: prints what it finds on a page as JSON.
'use strict';
const ogs = require('open-graph-scraper');

const names = process.env.NAMES.split(' ');
const customMetaTags = names.map((name) => ({ multiple: false, property: name, fieldName: name }));
ogs({ url: process.env.PAGE, customMetaTags, timeout: 30 }).then(
  ({ result }) => console.log(JSON.stringify(result)),
  ({ result }) => {
    console.error(result);
    process.exit(1);
  },
);
