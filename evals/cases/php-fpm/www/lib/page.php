<?php
function page(string $text): void
{
    printf("<h1>%s: %s</h1>\n", $_SERVER["SHOP_TITLE"], htmlspecialchars($text));
}
