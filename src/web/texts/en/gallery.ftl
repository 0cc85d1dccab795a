error-no-room-title = No room left
error-no-room = The server's disk is full, so the file was not kept. Make room and upload it again; the shop goes on selling.
