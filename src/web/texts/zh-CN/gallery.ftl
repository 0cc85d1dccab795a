error-no-room-title = 空间不够了
error-no-room = 服务器的磁盘满了，文件没有保存。请腾出空间后再上传；店铺照常营业。
