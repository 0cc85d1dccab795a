// npm `wechat` as a merchant of the fans service: Node's own server, the app's secret as the token.
'use strict';
const http = require('http');
const wechat = require('wechat');

const answers = wechat(process.env.SECRET, function (req, res) {
  const heard = req.weixin;
  switch (heard.Content) {
    case '卡片':
    case '三张卡片': {
      const card = {
        title: '春茶 <上新> & 茶具',
        description: '明前龙井 50g',
        picurl: 'https://shop.example/img/tea.jpg',
        url: 'https://shop.example/h5/item?id=42&from=chat',
      };
      return res.reply(heard.Content === '卡片' ? [card] : [card, card, card]);
    }
    case '不用回':
      return res.reply('');
    case '一句空话':
      return res.end('');
  }
  // Whatever else is told is said back, field by field.
  const fields = Object.keys(heard).filter((name) => name !== 'ToUserName' && name !== 'FromUserName');
  res.reply(fields.sort().map((name) => `${name}=${heard[name]}`).join('\n'));
});

http
  .createServer(function (req, res) {
    const url = new URL(req.url, 'http://127.0.0.1/');
    req.query = Object.fromEntries(url.searchParams);
    answers(req, res, function (error) {
      res.statusCode = 500;
      res.end(String(error));
    });
  })
  .listen(0, '127.0.0.1', function () {
    console.log(this.address().port);
  });
